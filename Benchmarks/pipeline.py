"""Measures the pipeline: source, sink, both at once, and the demo."""

import glob
import json
import os
import re
import subprocess
import time

from measured import median, whole
from processes import run, server

TOPICS = ["utenti", "comportamenti", "premi"]

# The last records of a run would otherwise wait for more: what is measured is filing, not waiting.
QUICK_SINK = {"HERA_SINK_FLUSH_SIZE": "200000", "HERA_SINK_VISIBLE_WITHIN_MILLISECONDS": "500"}


def source_and_sink(bench):
    """The source into the embedded pipeline, then its sink alone on what the source sent, beside kcat."""
    users = bench.records // 10
    rates, acknowledgements, sink_rates, kcat_rates, peaks = [], [], [], [], []
    for _ in range(bench.rounds):
        data = bench.data("source")
        listen = ["--data", data, "--listen", "127.0.0.1:0"]
        with server([bench.hera, "ingestor", *listen], bench.log("source-ingestor")) as ingestor:
            command = [
                bench.hera, "source", ingestor.address, str(users), "--count", str(bench.records - 6 * users),
                "--json", "--quiet",
            ]  # fmt: skip
            result = json.loads(run(command).stdout)
            rates.append(result["recordsPerSecond"])
            acknowledgements.append(result["acknowledgementMilliseconds"])
            kcat_rates.append(kcat_rate(bench, ingestor.address))
        with server([bench.hera, "up", "--no-source", *listen], bench.log("sink"), QUICK_SINK) as pipeline:
            seconds = wait_until_filed(data, bench.records)
            sink_rates.append(bench.records / seconds)
            peaks.append(pipeline.peak_mebibytes())
        run([bench.hera, "audit", "--data", data])
    shown = "hera source HOST:PORT N --count M"
    p50, p99, p999 = (median([a[p] for a in acknowledgements]) for p in ("p50", "p99", "p999"))
    bench.add("source into the ingestor", whole(median(rates)), "records/s", "300,000", shown)
    bench.add("acknowledgement p50 / p99 / p99.9", f"{p50:.1f} / {p99:.1f} / {p999:.1f}", "ms", "", shown)
    shown_environment = " ".join(f"{name}={value}" for name, value in QUICK_SINK.items())
    peer = f"`kcat -C` to a file, the same three topics one after the other: {whole(median(kcat_rates))} records/s"
    bench.add("sink to files", whole(median(sink_rates)), "records/s", "500,000", f"{shown_environment} hera up --no-source", peer)
    bench.add("`hera up` while it files, peak memory", f"{max(peaks):.0f}", "MiB", "300", "hera up --no-source")


def pipeline_under_load(bench):
    """The whole pipeline at once: the source sends while the sink files."""
    peaks = []
    for _ in range(bench.rounds):
        data = bench.data("up")
        up = [bench.hera, "up", "--no-source", "--data", data, "--listen", "127.0.0.1:0"]
        with server(up, bench.log("up"), QUICK_SINK) as pipeline:
            users = bench.records // 10
            command = [
                bench.hera, "source", pipeline.address, str(users), "--count", str(bench.records - 6 * users),
                "--quiet",
            ]  # fmt: skip
            run(command)
            wait_until_filed(data, bench.records)
            peaks.append(pipeline.peak_mebibytes())
    bench.add(
        "`hera up`, peak memory with source and sink at full speed", f"{max(peaks):.0f}", "MiB", "300",
        "hera up --no-source; hera source",
    )  # fmt: skip


def demo(bench):
    seconds, peaks = [], []
    for _ in range(bench.rounds):
        result = run([bench.hera, "demo", "--data", bench.data("demo"), "--quiet"])
        seconds.append(result.seconds)
        peaks.append(result.peak_mebibytes)
    bench.add("`hera demo`", f"{median(seconds):.1f}", "s", "15", "hera demo")
    bench.add("`hera demo`, peak memory", f"{max(peaks):.0f}", "MiB", "", "hera demo")


def kcat_rate(bench, address):
    """Records a second that kcat writes from the topics that the sink files; counting them takes none of its time."""
    target = os.path.join(bench.work, "kcat.out")
    with open(target, "wb") as out:
        before = time.monotonic()
        for topic in TOPICS:
            kcat = ["kcat", "-q", "-b", address, "-C", "-t", topic, "-o", "beginning", "-e"]
            subprocess.run(kcat, stdout=out, check=True)
        seconds = time.monotonic() - before
    with open(target, "rb") as lines:
        count = sum(chunk.count(b"\n") for chunk in iter(lambda: lines.read(1 << 20), b""))
    if count != bench.records:
        raise SystemExit(f"kcat wrote {count} of {bench.records} records")
    return count / seconds


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


def wait_until_filed(data, records):
    before = time.monotonic()
    while filed(data) < records:
        if time.monotonic() - before > 300:
            raise SystemExit(f"only {filed(data)} of {records} records were filed in 300 s")
        time.sleep(0.02)
    return time.monotonic() - before
