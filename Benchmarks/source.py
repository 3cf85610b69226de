"""Measures the source beside rdkafka_performance, at records of equal size, and with everything on that makes a load believable."""

import csv
import json
import os

import ingestor
from ingestor import rate, topic
from measured import median, whole
from processes import run

# The source may be this much slower than a program that sends one record again and again.
OWED_SHARE = 0.8

# Everything that costs the source time: with a span, a curve places records instead of pacing them.
ALL_DIALS = [
    "--span", "4w", "--rate-curve", "weekly", "--skew", "heavy", "--churn", "0.3", "--personas", "8", "--dirty", "realistic",
]  # fmt: skip

# As many as the community's topics have together.
PARTITIONS = 6


def source_beside_rdkafka_performance(bench):
    """Both produce to the same server by turns."""
    with ingestor.ingestor(bench, bench.hera, bench.data("source-beside"), "source-beside") as server:
        size = record_bytes(bench, server.address)
        sent, peer, command = [], [], []
        for number in range(bench.rounds):
            for name in ("source", "peer") if number % 2 == 0 else ("peer", "source"):
                if name == "source":
                    sent.append(source_rate(bench, server.address))
                    continue
                with topic(bench, server.address, "beside", PARTITIONS):
                    command = ingestor.produce(bench, server.address, "beside", "none", bench.records, size)
                    peer.append(rate(command))
        bench.add(
            f"source beside rdkafka_performance, {size} bytes of key and value", whole(median(sent)), "records/s",
            whole(OWED_SHARE * median(peer)), "hera source HOST:PORT N --count M",
            f"`{bench.shown(command)}`: {whole(median(peer))} records/s ({median(sent) / median(peer):.2f} of it)",
        )  # fmt: skip


def source_with_all_dials(bench):
    with ingestor.ingestor(bench, bench.hera, bench.data("source-dials"), "source-dials") as server:
        truth, metrics = bench.data("source-dials-truth"), os.path.join(bench.work, "source-dials.csv")
        options = [*ALL_DIALS, "--truth", truth, "--metrics", metrics]
        rates = [source_rate(bench, server.address, *options) for _ in range(bench.rounds)]
    shown = " ".join(["hera source HOST:PORT N --count M", *ALL_DIALS, "--truth DIR --metrics FILE"])
    bench.add("source with all dials on", whole(median(rates)), "records/s", "300,000", shown)


def source_rate(bench, address, *options):
    users = bench.records // 10
    command = [bench.hera, "source", address, str(users), "--count", str(bench.records - 6 * users), "--json", "--quiet", *options]
    return json.loads(run(command).stdout)["recordsPerSecond"]


def record_bytes(bench, address):
    """The bytes of key and value that a record of the source has on average, by its own metrics."""
    path = os.path.join(bench.work, "record-bytes.csv")
    if os.path.exists(path):
        os.remove(path)
    run([bench.hera, "source", address, "10000", "--count", "40000", "--quiet", "--metrics", path])
    with open(path, newline="") as file:
        return round(float(list(csv.DictReader(file))[-1]["record-size-avg"]))
