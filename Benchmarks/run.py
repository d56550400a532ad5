#!/usr/bin/env python3
"""Measures what we promise, side by side with what it is compared with. See Docs/BENCHMARKS.md.

    python3 Benchmarks/run.py                   all
    python3 Benchmarks/run.py download resolve  some
    python3 Benchmarks/run.py --quick           smaller and rougher, a few minutes
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import shutil
import sys
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "Tests" / "EndToEnd")]
if "GRAYLING_BIN" not in os.environ or not os.environ["GRAYLING_BIN"]:
    os.environ["GRAYLING_BIN"] = str(HERE.parent / ".build" / "release" / "grayling")

import suite
from kit.places import CHECKOUT, binary


class Table:
    """What was measured, what was promised, and whether it holds."""

    def __init__(self):
        self.rows = []

    def promise(self, benchmark, measure, value, limit, at_least=True, unit="", detail=""):
        """A number with a limit. Ratios have no unit."""
        holds = value >= limit if at_least else value <= limit
        self.rows.append({"benchmark": benchmark, "measure": measure, "value": value, "limit": limit, "at_least": at_least, "unit": unit,
                          "holds": holds, "detail": detail})
        self.show(self.rows[-1])

    def note(self, benchmark, measure, value, unit="", detail=""):
        """A number worth knowing that nobody promised."""
        self.rows.append({"benchmark": benchmark, "measure": measure, "value": value, "limit": None, "unit": unit, "holds": None, "detail": detail})
        self.show(self.rows[-1])

    @staticmethod
    def line(row):
        limit = "" if row["limit"] is None else f"{'≥' if row['at_least'] else '≤'} {row['limit']:g}{row['unit']}"
        verdict = {True: "yes", False: "NO", None: ""}[row["holds"]]
        return row["benchmark"], row["measure"], f"{row['value']:.2f}{row['unit']}", limit, verdict, row["detail"]

    def show(self, row):
        print("  " + "  ".join(filter(None, self.line(row))), flush=True)

    def print(self):
        rows = [("benchmark", "measure", "value", "wanted", "holds", "detail")] + [self.line(r) for r in self.rows]
        widths = [max(len(row[i]) for row in rows) for i in range(5)]
        print()
        for row in rows:
            print("  ".join([*(cell.ljust(width) for cell, width in zip(row, widths)), row[5]]).rstrip())


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("names", nargs="*", metavar="name", help=", ".join(suite.ALL))
    options.add_argument("--quick", action="store_true", help="smaller sizes, fewer rounds; good for a look, not for a claim")
    options.add_argument("--rounds", type=int, default=None, help="rounds after the warm-up (default 5, quick 3)")
    options = options.parse_args()
    unknown = set(options.names) - set(suite.ALL)
    if unknown:
        raise SystemExit(f"there is no benchmark {', '.join(unknown)}; there are {', '.join(suite.ALL)}")
    names = options.names or list(suite.ALL)
    for program in ("haproxy", "nginx") if all(name in suite.gateway.ALL for name in names) else ("docker-registry", "haproxy", "nginx", "wrk"):
        if not shutil.which(program) and not os.path.exists(f"/usr/sbin/{program}"):
            raise SystemExit(f"{program} is not installed; run '.ci/setup --benchmarks'")
    if not suite.vendors.PYTHON.exists() and {"hf-upload", "hf-download", "chunking", "dedup"} & set(names):
        raise SystemExit("the environment of the vendors' clients is not there; run 'Tests/Interop/run.sh newest --collect-only'")
    print(f"measuring {os.path.relpath(binary())} on {os.cpu_count()} cores")

    scale = suite.Scale(quick=options.quick, rounds=options.rounds)
    work = CHECKOUT / ".bench" / "work"
    table, raw, failed = Table(), {}, []
    for name in names:
        print(f"{name}: {suite.ALL[name].__doc__.splitlines()[0]}", flush=True)
        folder = work / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        try:
            raw[name] = suite.ALL[name](scale, folder, table)
        except Exception:
            failed.append(name)
            traceback.print_exc()
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    table.print()
    out = CHECKOUT / ".bench" / f"results-{datetime.datetime.now():%Y%m%d-%H%M%S}.json"
    out.write_text(json.dumps({
        "quick": options.quick, "rounds": scale.rounds, "cores": os.cpu_count(), "system": platform.release(), "rows": table.rows, "raw": raw}, indent=1))
    print(f"\nall rounds are in {out.relative_to(CHECKOUT)}")
    if failed:
        print(f"could not be measured: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
