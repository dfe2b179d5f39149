#!/usr/bin/env python3
"""Runs a command that must end with exit status 0 in a given time, and take no more than a given memory.

usage: peak_memory.py MEGABYTES SECONDS COMMAND...
"""
import os
import resource
import subprocess
import sys


def main():
    most, seconds, command = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]
    slowness = float(os.environ.get("LAMBENT_TEST_SLOWNESS", "1"))
    status = subprocess.run(command, timeout=seconds * slowness).returncode
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    if status != 0 or peak > most:
        print(f"exit status {status}, {peak} MB at most, expected 0 and {most} MB: {' '.join(command)}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
