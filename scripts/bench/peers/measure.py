"""Runs a command and prints what it took, as JSON: measure.py LIMIT_SECONDS COMMAND [ARGUMENT ...]

Seconds are those of the whole process, its start included; CPU seconds and memory are of the command and all processes
that it starts, not of the database server. The command's own output goes to stderr.
"""

import json
import os
import resource
import signal
import subprocess
import sys
import time

import psutil

# A look at all processes costs a few milliseconds of CPU.
SAMPLE_SECONDS = 0.2


def memory_of_tree(process: psutil.Process) -> int:
    """Bytes in memory now; pages that processes share are counted in each."""
    total = 0
    for each in [process, *process.children(recursive=True)]:
        try:
            total += each.memory_info().rss
        except psutil.Error:
            pass  # It ended in between.
    return total


def largest_process_ended() -> int:
    """The most bytes that one process ever had, which samples may have missed."""
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def main(limit: float, command: list[str]) -> None:
    started = time.perf_counter()
    # A process group of its own, so that all of it can be ended.
    child = subprocess.Popen(command, stdout=sys.stderr, start_new_session=True)

    def end(*_: object) -> None:
        os.killpg(child.pid, signal.SIGKILL)

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, end)
    watched = psutil.Process(child.pid)
    peak, late = 0, False
    while True:
        try:
            child.wait(SAMPLE_SECONDS)
            break
        except subprocess.TimeoutExpired:
            try:
                peak = max(peak, memory_of_tree(watched))
            except psutil.Error:
                continue
            if not late and time.perf_counter() - started > limit:
                late = True
                end()
    seconds = time.perf_counter() - started
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        json.dumps(
            {
                "exitCode": child.returncode,
                "late": late,
                "seconds": seconds,
                "cpuSeconds": used.ru_utime + used.ru_stime,
                "peakMegabytes": max(peak, largest_process_ended()) / 1e6,
            }
        )
    )


main(float(sys.argv[1]), sys.argv[2:])
