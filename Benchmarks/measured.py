"""What a benchmark has measured: rows of the page, and the same of an older program beside them."""

import os
import platform
import re
import shutil
import statistics
from datetime import date

from processes import run

RECORD_BYTES = 150

# What may be lost against the older program before it is told at the end.
TOLERATED_LOSS = 0.05


def median(values):
    return statistics.median(values)


def whole(value):
    return f"{value:,.0f}"


class Bench:
    """The options of a run and its rows."""

    def __init__(self, options):
        self.hera = options.hera
        self.performance = options.rdkafka_performance
        self.connections = options.connections
        self.work = options.work
        self.rounds = options.rounds
        self.records = options.records
        self.before = options.before
        # The programs that are measured by turns. The first one's figures are the page's.
        self.programs = [("now", self.hera)] + ([("before", self.before)] if self.before else [])
        self.rows = []
        self.losses = []

    def data(self, name):
        path = os.path.join(self.work, name)
        shutil.rmtree(path, ignore_errors=True)
        return path

    def log(self, name):
        return os.path.join(self.work, name + ".log")

    def add(self, what, figure, unit, target, command, beside=""):
        self.rows.append((what, figure, unit, target, command, beside))
        print(f"bench: {what}: {figure} {unit} {beside}", flush=True)

    def add_compared(self, what, values, unit, target, command, beside="", less_is_better=False):
        """A row of medians: `values` has a list of figures for each program."""
        now = median(values["now"])
        if "before" in values:
            before = median(values["before"])
            change = now / before - 1
            beside = "; ".join(part for part in (f"before: {whole(before)} ({change:+.0%})", beside) if part)
            if (change if less_is_better else -change) > TOLERATED_LOSS:
                self.losses.append(f"{what}: {whole(before)} before, {whole(now)} now ({change:+.0%})")
        self.add(what, whole(now), unit, target, command, beside)

    def by_turns(self, servers, measure):
        """Measures each server once a round, in turns that begin with another one each time."""
        values = {name: [] for name in servers}
        for number in range(self.rounds):
            names = list(servers) if number % 2 == 0 else list(reversed(servers))
            for name in names:
                values[name].append(measure(name, servers[name]))
        return values

    def shown(self, command):
        text = " ".join(command).replace(self.performance, "rdkafka_performance").replace(self.connections, "connections")
        text = text.replace(self.hera, "hera")
        return re.sub(r"127\.0\.0\.1(:| )\d+", "HOST\\1PORT", text)

    def page(self):
        versions = {
            "hera": run([self.hera, "--version"]).stdout.strip(),
            "Swift": re.search(r"Swift version (\S+)", run(["swift", "--version"]).stdout)[1],
            "librdkafka": run(["pkg-config", "--modversion", "rdkafka"]).stdout.strip(),
            "kcat": re.search(r"Version (\S+)", run(["kcat", "-V"]).stdout)[1],
            "Python": platform.python_version(),
        }
        cpu = re.search(r"Model name:\s*(.*)", run(["lscpu"]).stdout)[1]
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
        before = " Where a row says `before`, an older program was measured by turns with this one." if self.before else ""
        lines = [
            "# Benchmarks",
            "",
            f"Written by `Benchmarks/bench.py`, which `script/bench` runs, on {date.today()}: medians of {self.rounds} rounds, peaks of all of them; "
            f"{self.records:,} records a round, {RECORD_BYTES} bytes each where the load is synthetic. "
            f"Server and load share the machine. Machines differ: compare figures of one run.{before}",
            "",
            f"Machine: {cpu}, {os.cpu_count()} cores, {memory:.0f} GiB. "
            + ", ".join(f"{name} {version}" for name, version in versions.items())
            + ". `connections` is `Benchmarks/connections.c`.",
            "",
            "| what | measured | owed | command | beside it |",
            "| --- | --- | --- | --- | --- |",
        ]
        for what, figure, unit, target, command, beside in self.rows:
            lines.append(f"| {what} | {figure} {unit} | {target} | `{command}` | {beside} |")
        return "\n".join(lines) + "\n"
