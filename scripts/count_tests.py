#!/usr/bin/env python3
"""Adds up the results that lit wrote.

usage: count_tests.py RESULTS.json...

Names what failed and what was skipped, and ends with the plain line `N passed, N failed`. Exits 1 if any test failed or none ran.
"""
import json
import sys

PASSED, SKIPPED = {"PASS", "XFAIL", "FLAKYPASS"}, {"UNSUPPORTED", "EXCLUDED", "SKIPPED"}


def main():
    passed = failed = 0
    skipped = []
    for path in sys.argv[1:]:
        try:
            with open(path) as file:
                tests = json.load(file)["tests"]
        except (OSError, ValueError) as error:
            print(f"FAILED: no results: {error}")
            failed += 1
            continue
        for test in tests:
            if test["code"] in PASSED:
                passed += 1
            elif test["code"] in SKIPPED:
                skipped.append(f"{path.split('/')[0]}: {test['name']}")
            else:
                failed += 1
                print(f"{test['code']}: {path.split('/')[0]}: {test['name']}")
    if skipped:
        print(f"{len(skipped)} skipped, as they need what this machine or build lacks:")
        for name in skipped:
            print(f"  {name}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
