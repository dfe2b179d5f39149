#!/usr/bin/env python3
"""Runs a command that must end with a given exit status, within a time limit.

usage: expect_status.py STATUS COMMAND...

Passes the command's output on. A crash, a hang and any other status fail.
"""
import os
import subprocess
import sys

TIME_LIMIT = 60 * float(os.environ.get("LAMBENT_TEST_SLOWNESS", "1"))


def main():
    wanted, command = int(sys.argv[1]), sys.argv[2:]
    try:
        status = subprocess.run(command, timeout=TIME_LIMIT).returncode
    except subprocess.TimeoutExpired:
        print(f"took over {TIME_LIMIT:.0f} s: {' '.join(command)}")
        return 1
    if status != wanted:
        print(f"exit status {status}, expected {wanted}: {' '.join(command)}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
