"""Sends signals to a command that has limits and waits for ever: limited_signal.py LAMBENT MODEL FIFO"""
import os
import signal
import subprocess
import sys
import time


def count_processes(fifo):
    """Those whose command line names the FIFO, this one aside."""
    count = 0
    for entry in os.listdir("/proc"):
        if not entry.isdigit() or int(entry) == os.getpid():
            continue
        try:
            with open(f"/proc/{entry}/cmdline", "rb") as file:
                count += file.read().split(b"\0").count(fifo.encode()) > 0
        except OSError:
            pass
    return count


for number in (signal.SIGTERM, signal.SIGINT, signal.SIGKILL):
    process = subprocess.Popen([sys.argv[1], "compile", sys.argv[2], "-o", sys.argv[3], "--emit=graph", "--time-limit=60"],
                               # A shell that runs this in the background has it ignored.
                               preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    until = time.monotonic() + 30
    while count_processes(sys.argv[3]) < 2 and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(0.3)
    process.send_signal(number)
    process.wait()
    left = 1
    until = time.monotonic() + 10
    while left and time.monotonic() < until:
        left = count_processes(sys.argv[3])
        time.sleep(0.05)
    print(f"{number.name}: {'ended by it' if process.returncode == -number else process.returncode}, {left} processes left",
          flush=True)
