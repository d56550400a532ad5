"""Where things are."""

import os
import pathlib

CHECKOUT = pathlib.Path(__file__).resolve().parents[3]


def binary() -> str:
    """The program under test: GRAYLING_BIN, else the debug build of this checkout."""
    path = os.environ.get("GRAYLING_BIN") or str(CHECKOUT / ".build/debug/grayling")
    if not os.access(path, os.X_OK):
        raise SystemExit(f"there is no program at {path}: run 'make build' first, or set GRAYLING_BIN")
    return path


def clean_environment(home, **more) -> dict:
    """The environment of a person who has never used Grayling: no login, no settings."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GRAYLING_") and k != "XDG_CONFIG_HOME"}
    # A free port for the gateway: no test may meet a server that somebody runs.
    kept["GRAYLING_GATEWAY"] = "127.0.0.1:0"
    kept["HOME"] = str(home)
    kept.update({k: str(v) for k, v in more.items()})
    return kept
