#!/usr/bin/env python3
"""Kills the server and looks at what is left; see README.md beside this file."""

import argparse
import pathlib
import random
import shutil
import sys
import tempfile
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "EndToEnd")]

import moments
import steps


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seed", type=int, default=None, help="of the random moments (default: a new one, printed)")
    options.add_argument("--kills", type=int, default=220, help="how many random moments")
    options.add_argument("--only", choices=["steps", "moments"])
    options.add_argument("--keep", action="store_true", help="leave the data roots where they are")
    options = options.parse_args()
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1 << 32)
    print(f"crash suite, seed {seed}", flush=True)

    folder = pathlib.Path(tempfile.mkdtemp(prefix="grayling-crash-"))
    began = time.monotonic()
    passed, failed = 0, 0
    cases = []
    if options.only != "moments":
        cases += steps.cases(folder / "steps")
    if options.only != "steps":
        cases += moments.cases(folder / "moments", seed, options.kills)
    for name, case in cases:
        start = time.monotonic()
        try:
            note = case()
            passed += 1
            print(f"ok      {name}  ({time.monotonic() - start:.1f} s{', ' + note if note else ''})", flush=True)
        except Exception:
            failed += 1
            print(f"FAILED  {name}\n{traceback.format_exc()}", flush=True)
    if failed or options.keep:
        print(f"what is left lies in {folder}; repeat with --seed {seed}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    words = ([f"{failed} failed"] if failed else []) + [f"{passed} passed"]
    print(f"=== {', '.join(words)} in {time.monotonic() - began:.1f}s ===")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
