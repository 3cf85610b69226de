"""Measures the pipeline against its peers, side by side in one run, and writes docs/BENCHMARKS.md.

Every figure is the median of several rounds; the commands stand in the page. Called by script/bench.
"""

import argparse
import glob
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import time
from datetime import date

from processes import limit_core_files, run, server

RECORD_BYTES = 150

CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]

TOPICS = ["utenti", "comportamenti", "premi"]

# The last records of a run would otherwise wait for more: what is measured is filing, not waiting.
QUICK_SINK = {"HERA_SINK_FLUSH_SIZE": "200000", "HERA_SINK_VISIBLE_WITHIN_MILLISECONDS": "500"}


def median(values):
    return statistics.median(values)


def rate(value):
    return f"{value:,.0f}"


class Bench:
    def __init__(self, options):
        self.hera = options.hera
        self.performance = options.rdkafka_performance
        self.work = options.work
        self.rounds = options.rounds
        self.records = options.records
        self.rows = []

    def data(self, name):
        path = os.path.join(self.work, name)
        shutil.rmtree(path, ignore_errors=True)
        return path

    def log(self, name):
        return os.path.join(self.work, name + ".log")

    def add(self, what, figure, unit, target, command, peer=""):
        self.rows.append((what, figure, unit, target, command, peer))
        print(f"bench: {what}: {figure} {unit} {peer}", flush=True)

    # One method a measurement.

    def ingestor(self):
        """Produce and consume with librdkafka's own program, which speaks the protocol as partners do."""
        produced, consumed, peaks, starts = [], [], [], []
        produce = None
        for number in range(self.rounds):
            with server(
                [self.hera, "ingestor", "--data", self.data("ingestor"), "--listen", "127.0.0.1:0"],
                self.log("ingestor"),
            ) as ingestor:
                starts.append(ingestor.seconds_to_ready)
                topic = f"bench-{number}"
                run([self.hera, "topics", "create", topic, "--partitions", "2", "--bootstrap", ingestor.address])
                produce = [
                    self.performance, "-P", "-t", topic, "-s", str(RECORD_BYTES), "-c", str(self.records),
                    "-b", ingestor.address, "-a", "-1", "-X", "linger.ms=5", "-X", "batch.num.messages=10000",
                    "-X", "queue.buffering.max.messages=500000", "-q",
                ]  # fmt: skip
                produced.append(self.performance_rate(run(produce)))
                consume = [
                    self.performance, "-C", "-t", topic, "-p", "0", "-p", "1", "-c", str(self.records),
                    "-b", ingestor.address, "-o", "beginning", "-q",
                ]  # fmt: skip
                consumed.append(self.performance_rate(run(consume)))
                peaks.append(ingestor.peak_mebibytes())
        self.add("ingestor, produce", rate(median(produced)), "records/s", "1,000,000", self.shown(produce))
        self.add("ingestor, consume", rate(median(consumed)), "records/s", "2,000,000", self.shown(consume))
        self.add("ingestor, start", f"{median(starts) * 1000:.0f}", "ms", "100", "hera ingestor")
        self.add("ingestor, peak memory under that load", f"{max(peaks):.0f}", "MiB", "100", "hera ingestor")

    def compressed_produce(self):
        """Produce with each codec. The server decompresses and checks what it takes; the load compresses it first, which
        is most of the time, so the server's own computing time is given beside the rate."""
        for codec in CODECS:
            rates, seconds, peaks = [], [], []
            command = None
            for number in range(self.rounds):
                with server(
                    [self.hera, "ingestor", "--data", self.data("codec"), "--listen", "127.0.0.1:0"],
                    self.log("codec"),
                ) as ingestor:
                    topic = f"bench-{number}"
                    run([self.hera, "topics", "create", topic, "--partitions", "2", "--bootstrap", ingestor.address])
                    command = [
                        self.performance, "-P", "-t", topic, "-s", str(RECORD_BYTES), "-c", str(self.records),
                        "-b", ingestor.address, "-a", "-1", "-z", codec, "-X", "linger.ms=5",
                        "-X", "batch.num.messages=10000", "-X", "queue.buffering.max.messages=500000", "-q",
                    ]  # fmt: skip
                    before = ingestor.cpu_seconds()
                    rates.append(self.performance_rate(run(command)))
                    seconds.append((ingestor.cpu_seconds() - before) / self.records * 1_000_000)
                    peaks.append(ingestor.peak_mebibytes())
            self.add(
                f"ingestor, produce with {codec}", rate(median(rates)), "records/s", "", self.shown(command),
                f"CPU of the server: {median(seconds):.3f} s for a million records; peak memory {max(peaks):.0f} MiB",
            )  # fmt: skip

    def source_and_sink(self):
        """The source into the embedded pipeline, then its sink alone on what the source sent, beside kcat."""
        users = self.records // 10
        rates, acknowledgements, sink_rates, kcat_rates, peaks = [], [], [], [], []
        for _ in range(self.rounds):
            data = self.data("source")
            listen = ["--data", data, "--listen", "127.0.0.1:0"]
            with server([self.hera, "ingestor", *listen], self.log("source-ingestor")) as ingestor:
                command = [
                    self.hera, "source", ingestor.address, str(users), "--count", str(self.records - 6 * users),
                    "--json", "--quiet",
                ]  # fmt: skip
                result = json.loads(run(command).stdout)
                rates.append(result["recordsPerSecond"])
                acknowledgements.append(result["acknowledgementMilliseconds"])
                kcat_rates.append(self.kcat_rate(ingestor.address))
            with server([self.hera, "up", "--no-source", *listen], self.log("sink"), QUICK_SINK) as pipeline:
                seconds = self.wait_until_filed(data, self.records)
                sink_rates.append(self.records / seconds)
                peaks.append(pipeline.peak_mebibytes())
            run([self.hera, "audit", "--data", data])
        shown = "hera source HOST:PORT N --count M"
        p50, p99, p999 = (median([a[p] for a in acknowledgements]) for p in ("p50", "p99", "p999"))
        self.add("source into the ingestor", rate(median(rates)), "records/s", "300,000", shown)
        self.add("acknowledgement p50 / p99 / p99.9", f"{p50:.1f} / {p99:.1f} / {p999:.1f}", "ms", "", shown)
        shown_environment = " ".join(f"{name}={value}" for name, value in QUICK_SINK.items())
        peer = f"`kcat -C` to a file, the same three topics one after the other: {rate(median(kcat_rates))} records/s"
        self.add("sink to files", rate(median(sink_rates)), "records/s", "500,000", f"{shown_environment} hera up --no-source", peer)
        self.add("`hera up` while it files, peak memory", f"{max(peaks):.0f}", "MiB", "300", "hera up --no-source")

    def pipeline_under_load(self):
        """The whole pipeline at once: the source sends while the sink files."""
        peaks = []
        for _ in range(self.rounds):
            data = self.data("up")
            up = [self.hera, "up", "--no-source", "--data", data, "--listen", "127.0.0.1:0"]
            with server(up, self.log("up"), QUICK_SINK) as pipeline:
                users = self.records // 10
                command = [
                    self.hera, "source", pipeline.address, str(users), "--count", str(self.records - 6 * users),
                    "--quiet",
                ]  # fmt: skip
                run(command)
                self.wait_until_filed(data, self.records)
                peaks.append(pipeline.peak_mebibytes())
        self.add(
            "`hera up`, peak memory with source and sink at full speed", f"{max(peaks):.0f}", "MiB", "300",
            "hera up --no-source; hera source",
        )  # fmt: skip

    def demo(self):
        seconds, peaks = [], []
        for _ in range(self.rounds):
            result = run([self.hera, "demo", "--data", self.data("demo"), "--quiet"])
            seconds.append(result.seconds)
            peaks.append(result.peak_mebibytes)
        self.add("`hera demo`", f"{median(seconds):.1f}", "s", "15", "hera demo")
        self.add("`hera demo`, peak memory", f"{max(peaks):.0f}", "MiB", "", "hera demo")

    # What the measurements share.

    def kcat_rate(self, address):
        """Records a second that kcat writes from the topics that the sink files; counting them takes none of its time."""
        target = os.path.join(self.work, "kcat.out")
        with open(target, "wb") as out:
            before = time.monotonic()
            for topic in TOPICS:
                kcat = ["kcat", "-q", "-b", address, "-C", "-t", topic, "-o", "beginning", "-e"]
                subprocess.run(kcat, stdout=out, check=True)
            seconds = time.monotonic() - before
        with open(target, "rb") as lines:
            count = sum(chunk.count(b"\n") for chunk in iter(lambda: lines.read(1 << 20), b""))
        if count != self.records:
            raise SystemExit(f"kcat wrote {count} of {self.records} records")
        return count / seconds

    @staticmethod
    def performance_rate(result):
        """The records a second that rdkafka_performance says at its end."""
        found = re.findall(r"(\d+) msgs/s", result.stdout + result.stderr)
        if not found:
            raise SystemExit(f"rdkafka_performance said no rate:\n{result.stdout}{result.stderr}")
        return float(found[-1])

    def shown(self, command):
        text = " ".join(command).replace(self.performance, "rdkafka_performance")
        return re.sub(r"127\.0\.0\.1:\d+", "HOST:PORT", text)

    @staticmethod
    def filed(data):
        """Records filed or filtered, by the newest commit record of each partition."""
        total = 0
        for partition in glob.glob(f"{data}/storage/HeraSDG/_logs/*/*/*"):
            records = [name for name in os.listdir(partition) if re.fullmatch(r"\d+\.json", name)]
            if not records:
                continue
            try:
                with open(os.path.join(partition, max(records))) as file:
                    total += json.load(file).get("next", 0)
            except FileNotFoundError:
                continue  # pruned meanwhile; the next look sees its successor
        return total

    def wait_until_filed(self, data, records):
        before = time.monotonic()
        while self.filed(data) < records:
            if time.monotonic() - before > 300:
                raise SystemExit(f"only {self.filed(data)} of {records} records were filed in 300 s")
            time.sleep(0.02)
        return time.monotonic() - before

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
        lines = [
            "# Benchmarks",
            "",
            f"Written by `Benchmarks/bench.py`, which `script/bench` runs, on {date.today()}: medians of {self.rounds} rounds, peaks of all of them; "
            f"{self.records:,} records a round, {RECORD_BYTES} bytes each where the load is synthetic. "
            "Server and load share the machine. Machines differ: compare figures of one run.",
            "",
            f"Machine: {cpu}, {os.cpu_count()} cores, {memory:.0f} GiB. "
            + ", ".join(f"{name} {version}" for name, version in versions.items())
            + ".",
            "",
            "| what | measured | owed | command | beside it |",
            "| --- | --- | --- | --- | --- |",
        ]
        for what, figure, unit, target, command, peer in self.rows:
            lines.append(f"| {what} | {figure} {unit} | {target} | `{command}` | {peer} |")
        return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hera", required=True)
    parser.add_argument("--rdkafka-performance", required=True)
    parser.add_argument("--work", required=True, help="a directory for data and logs")
    parser.add_argument("--out", required=True, help="the page to write")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--records", type=int, default=5_000_000, help="records a round")
    parser.add_argument("--only", action="append", help="a measurement by its name; several times for several")
    options = parser.parse_args()
    limit_core_files()
    os.makedirs(options.work, exist_ok=True)
    bench = Bench(options)
    measurements = ["ingestor", "compressed_produce", "source_and_sink", "pipeline_under_load", "demo"]
    for name in options.only or measurements:
        getattr(bench, name)()
    if options.only:
        return
    with open(options.out, "w") as page:
        page.write(bench.page())
    print(f"bench: wrote {options.out}")


main()
