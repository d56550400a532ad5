"""Clocks, processor time, memory, and rounds that take turns."""

import os
import statistics
import threading
import time

TICK = os.sysconf("SC_CLK_TCK")


def family(pid):
    """The process and its children, such as nginx's workers."""
    found = [pid]
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat") as file:
                    fields = file.read().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == pid:
                found.append(int(name))
    return found


def cpu_seconds(pid):
    """User and system time of a process and its children so far."""
    total = 0
    for member in family(pid):
        with open(f"/proc/{member}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICK


def resident_bytes(pid):
    with open(f"/proc/{pid}/status") as file:
        for line in file:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    raise AssertionError("no VmRSS")


class PeakMemory:
    """The largest resident memory while inside."""

    def __init__(self, pid):
        self.pid = pid

    def __enter__(self):
        self.before = self.peak = resident_bytes(self.pid)
        self.done = threading.Event()
        self.watcher = threading.Thread(target=self._watch, daemon=True)
        self.watcher.start()
        return self

    def _watch(self):
        while not self.done.wait(0.01):
            self.peak = max(self.peak, resident_bytes(self.pid))

    def __exit__(self, *_):
        self.done.set()
        self.watcher.join()

    @property
    def growth(self):
        return self.peak - self.before


class Stopwatch:
    """Seconds, and the processor time of `pid` meanwhile."""

    def __init__(self, pid=None):
        self.pid = pid

    def __enter__(self):
        self.cpu = cpu_seconds(self.pid) if self.pid else 0
        self.began = time.perf_counter()
        return self

    def __exit__(self, *_):
        self.seconds = time.perf_counter() - self.began
        self.cpu = cpu_seconds(self.pid) - self.cpu if self.pid else 0


def take_turns(rounds, **sides):
    """Each side once to warm up, then `rounds` times in alternating order. A side is a function
    of the round (-1 to warm up) that returns its numbers by name. Answers every side's medians
    and all its rounds."""
    for side in sides.values():
        side(-1)
    results = {name: [] for name in sides}
    for round in range(rounds):
        order = list(sides.items())
        for name, side in order if round % 2 == 0 else reversed(order):
            results[name].append(side(round))
    return {
        name: {"median": {key: statistics.median(r[key] for r in rows) for key in rows[0]}, "rounds": rows}
        for name, rows in results.items()}
