"""Measures the ingestor: rates, many connections, what runs in the background, and its start.

Where an older program is given, each measurement goes from one to the other by turns.
"""

import contextlib
import glob
import json
import os
import re
import struct

from measured import RECORD_BYTES, median, whole
from processes import run, server

# Partitions and codecs that are measured together.
RATES = [(1, "none"), (6, "none"), (1, "lz4"), (6, "gzip"), (6, "snappy"), (6, "lz4"), (6, "zstd")]

# Connections, and partitions that they produce to.
CONNECTIONS = [(1, 1), (10, 6), (50, 6), (200, 6), (200, 1)]

# What Apache Kafka 3.9 was measured at with 200 connections in a closed loop, on a machine like that of the page.
KAFKA_P999 = 19

LARGE_PARTITIONS = 20
LARGE_SEGMENTS = 20
LARGE_SEGMENT_BYTES = 256 << 20


@contextlib.contextmanager
def servers(bench, name):
    """A server of each program, by the program's name."""
    with contextlib.ExitStack() as stack:
        yield {
            program: stack.enter_context(ingestor(bench, path, bench.data(f"{name}-{program}"), f"{name}-{program}"))
            for program, path in bench.programs
        }


def ingestor(bench, program, data, log):
    return server([program, "ingestor", "--data", data, "--listen", "127.0.0.1:0"], bench.log(log))


def topics(bench, address, *arguments):
    run([bench.hera, "topics", *arguments, "--bootstrap", address])


@contextlib.contextmanager
def topic(bench, address, name, partitions, *settings):
    """A topic that is gone afterwards, so that the kernel does not write it to the disk while others are measured."""
    options = [option for setting in settings for option in ("--config", setting)]
    topics(bench, address, "create", name, "--partitions", str(partitions), *options)
    try:
        yield
    finally:
        topics(bench, address, "delete", name, "--yes")


def produce(bench, address, name, codec, records, size=RECORD_BYTES):
    return [
        bench.performance, "-P", "-t", name, "-s", str(size), "-c", str(records), "-b", address, "-a", "-1",
        "-z", codec, "-X", "linger.ms=5", "-X", "batch.num.messages=10000",
        "-X", "queue.buffering.max.messages=500000", "-q",
    ]  # fmt: skip


def consume(bench, address, name, partitions, records):
    places = [option for partition in range(partitions) for option in ("-p", str(partition))]
    return [bench.performance, "-C", "-t", name, *places, "-c", str(records), "-b", address, "-o", "beginning", "-q"]


def rate(command):
    """The records a second that rdkafka_performance says at its end."""
    result = run(command)
    found = re.findall(r"(\d+) msgs/s", result.stdout + result.stderr)
    if not found:
        raise SystemExit(f"rdkafka_performance said no rate:\n{result.stdout}{result.stderr}")
    return float(found[-1])


def busy(bench, address, name, partitions, *options):
    """Runs Benchmarks/connections.c; returns the command and what it says."""
    host, port = address.rsplit(":", 1)
    command = [bench.connections, host, port, name, str(partitions), *(str(option) for option in options)]
    return command, json.loads(run(command).stdout)


# Rates


def rates(bench):
    """Produce and consume with librdkafka's own program, which speaks the protocol as partners do. The load compresses its
    records first, which is most of the time, so the server's own computing time is given beside the rate."""
    with servers(bench, "rates") as all_servers:
        for partitions, codec in RATES:
            measure_rates(bench, all_servers, partitions, codec)
        peaks = {program: one.peak_mebibytes() for program, one in all_servers.items()}
    beside = f"before: {peaks['before']:.0f}" if "before" in peaks else ""
    bench.add("ingestor, peak memory under that load", f"{peaks['now']:.0f}", "MiB", "100", "hera ingestor", beside)
    starts = {program: one.seconds_to_ready for program, one in all_servers.items()}
    bench.add("ingestor, first start", f"{starts['now'] * 1000:.0f}", "ms", "100", "hera ingestor")


def measure_rates(bench, all_servers, partitions, codec):
    commands = {}

    def measure(program, one):
        with topic(bench, one.address, "rates", partitions):
            times = [one.cpu_seconds()]
            commands["produce"] = produce(bench, one.address, "rates", codec, bench.records)
            produced = rate(commands["produce"])
            times.append(one.cpu_seconds())
            commands["consume"] = consume(bench, one.address, "rates", partitions, bench.records)
            consumed = rate(commands["consume"])
            times.append(one.cpu_seconds())
        return produced, consumed, (times[1] - times[0]) / bench.records, (times[2] - times[1]) / bench.records

    values = bench.by_turns(all_servers, measure)
    parts = f"{partitions} partition{'s' if partitions > 1 else ''}"
    for place, (what, owed) in enumerate([("produce", "1,000,000"), ("consume", "2,000,000")]):
        seconds = median([value[2 + place] for value in values["now"]]) * 1_000_000
        bench.add_compared(
            f"ingestor, {what}, {codec}, {parts}", {name: [value[place] for value in all] for name, all in values.items()},
            "records/s", owed if codec == "none" else "", bench.shown(commands[what]),
            f"CPU of the server: {seconds:.3f} s for a million records",
        )  # fmt: skip


# Many connections


def connections(bench):
    """Connections that each have one request under way: what the server takes, and how long an answer takes then and at
    half that rate."""
    with servers(bench, "connections") as all_servers:
        for count, partitions in CONNECTIONS:
            measure_connections(bench, all_servers, count, partitions)
        for count in (10, 200):
            measure_fetches(bench, all_servers, count)


def measure_connections(bench, all_servers, count, partitions):
    commands = {}

    def measure(*options):
        def one(_, server):
            with topic(bench, server.address, "busy", partitions):
                commands["last"], said = busy(
                    bench, server.address, "busy", partitions, "--connections", count, "--warm", 0.5, *options
                )
            return said

        return bench.by_turns(all_servers, one)

    what = f"ingestor, {count} connection{'s' if count > 1 else ''} producing one record at a time, {partitions} partition{'s' if partitions > 1 else ''}"
    closed = measure("--seconds", 2)
    figures = {name: [said["requestsPerSecond"] for said in all] for name, all in closed.items()}
    bench.add_compared(what, figures, "requests/s", "", bench.shown(commands["last"]))
    owed = f"p99.9 {KAFKA_P999} (Kafka)" if count == 200 else ""
    add_latencies(bench, f"{what}: latency", closed, owed, commands)
    half = int(min(median(values) for values in figures.values()) / 2)
    add_latencies(bench, f"{what}: latency at {half:,} requests/s", measure("--seconds", 3, "--rate", half), "", commands)


def measure_fetches(bench, all_servers, count):
    commands = {}

    def one(_, server):
        with topic(bench, server.address, "fetched", 6, "segment.bytes=16777216"):
            busy(bench, server.address, "fetched", 6, "--records", 20, "--seconds", 1, "--warm", 0)
            commands["last"], said = busy(
                bench, server.address, "fetched", 6, "--mode", "fetch", "--connections", count, "--seconds", 2, "--warm", 0.5
            )
        return said

    values = bench.by_turns(all_servers, one)
    what = f"ingestor, {count} connections fetching 16 KiB at a time"
    figures = {name: [said["requestsPerSecond"] for said in all] for name, all in values.items()}
    bench.add_compared(what, figures, "requests/s", "", bench.shown(commands["last"]))
    add_latencies(bench, f"{what}: latency", values, "", commands)


def add_latencies(bench, what, values, owed, commands):
    def text(name):
        return " / ".join(f"{median([said[part] for said in values[name]]):.2f}" for part in ("p50", "p99", "p999", "worst"))

    beside = "p50 / p99 / p99.9 / worst" + (f"; before: {text('before')}" if "before" in values else "")
    bench.add(what, text("now"), "ms", owed, bench.shown(commands["last"]), beside)


# In the background


def beside_cleaning(bench):
    """Producing and consuming while a compacted topic is cleaned, against the same server while none is."""
    values = {False: [], True: []}
    tails = {False: [], True: []}
    with ingestor(bench, bench.hera, bench.data("cleaning"), "cleaning") as one:
        for number in range(bench.rounds):
            for cleans in (False, True) if number % 2 == 0 else (True, False):
                rates, tail = measure_beside(bench, one, cleans)
                values[cleans].append(rates)
                tails[cleans].append(tail)
        peak = one.peak_mebibytes()
    for place, what in enumerate(("produce", "consume")):
        alone, beside = (median([rates[place] for rates in values[cleans]]) for cleans in (False, True))
        bench.add(
            f"ingestor, {what} beside compaction, none, 6 partitions", whole(beside), "records/s", f"{whole(alone * 0.9)}",
            "hera topics alter keyed --config cleanup.policy=compact", f"without: {whole(alone)} ({beside / alone - 1:+.0%})",
        )  # fmt: skip
    commands = {"last": ["connections", "HOST", "PORT", "busy", "6", "--rate", "20000"]}
    add_latencies(bench, "ingestor, 200 connections at 20,000 requests/s beside compaction: latency", {"now": tails[True]}, "", commands)
    add_latencies(bench, "ingestor, the same without compaction", {"now": tails[False]}, "", commands)
    bench.add("ingestor, peak memory under that load", f"{peak:.0f}", "MiB", "100", "hera ingestor")


def measure_beside(bench, one, cleans):
    """The rates of producing and consuming, and the latencies of 200 connections, with a log that is cleaned or not."""
    policy = "compact" if cleans else "delete"
    settings = ["segment.bytes=33554432", "min.cleanable.dirty.ratio=0.01", f"cleanup.policy={policy}"]
    with topic(bench, one.address, "keyed", 1, *settings), topic(bench, one.address, "beside", 6), topic(bench, one.address, "busy", 6):
        # About 700 MB, which takes the cleaner half a minute.
        keyed = ["--keys", "yes", "--records", 1000, "--connections", 100, "--seconds", 1, "--warm", 0]
        _, said = busy(bench, one.address, "keyed", 1, *keyed)
        before = one.cpu_seconds()
        produced = rate(produce(bench, one.address, "beside", "none", bench.records))
        consumed = rate(consume(bench, one.address, "beside", 6, bench.records))
        _, tail = busy(bench, one.address, "busy", 6, "--connections", 200, "--rate", 20000, "--seconds", 3, "--warm", 0.5)
        if cleans and not is_being_cleaned(bench):
            raise SystemExit(f"the topic was not cleaned all the time: {said['requests']} batches, {one.cpu_seconds() - before:.1f} s")
    return (produced, consumed), tail


def is_being_cleaned(bench):
    """Whether segments have been cleaned, or are being, and others are left."""
    names = [os.path.basename(path) for path in glob.glob(os.path.join(bench.work, "cleaning/ingestor/keyed-0/*.log*"))]
    return len(names) > 2


def beside_retention(bench):
    """Producing to a topic that keeps little, so that its oldest segments are deleted all the time."""
    settings = {"kept": [], "deleted": ["retention.bytes=16777216"]}
    values = {name: [] for name in settings}
    with ingestor(bench, bench.hera, bench.data("retention"), "retention") as one:
        for number in range(bench.rounds):
            for name in list(settings) if number % 2 == 0 else list(reversed(settings)):
                with topic(bench, one.address, name, 6, "segment.bytes=8388608", *settings[name]):
                    values[name].append(rate(produce(bench, one.address, name, "none", bench.records)))
    kept, deleted = (median(values[name]) for name in ("kept", "deleted"))
    bench.add(
        "ingestor, produce beside retention, none, 6 partitions", whole(deleted), "records/s", whole(kept * 0.9),
        "hera topics create deleted --config segment.bytes=8388608 --config retention.bytes=16777216",
        f"without: {whole(kept)} ({deleted / kept - 1:+.0%})",
    )  # fmt: skip


# Start


def large_start(bench):
    """The start with 100 GB: 400 segments of 256 MB, sparse but for their last MB. After a clean stop, and after SIGKILL
    with what 20 connections append in 0.2 s."""
    data = bench.data("large")
    with ingestor(bench, bench.hera, data, "large") as one:
        settings = ["--config", "segment.bytes=1048576"]
        topics(bench, one.address, "create", "large", "--partitions", str(LARGE_PARTITIONS), *settings)
        fill = ["--connections", LARGE_PARTITIONS, "--records", 1000, "--seconds", 1, "--warm", 0]
        while len(segments(data)) < LARGE_PARTITIONS * (LARGE_SEGMENTS + 1):
            busy(bench, one.address, "large", LARGE_PARTITIONS, *fill)
    widened = []
    for partition in range(LARGE_PARTITIONS):
        widened += sorted(path for path in segments(data) if f"/large-{partition}/" in path)[:-1][:LARGE_SEGMENTS]
    for path in widened:
        widen(path)
    clean, killed = [], []
    for _ in range(bench.rounds):
        with ingestor(bench, bench.hera, data, "large") as one:
            clean.append(one.seconds_to_ready)
            busy(bench, one.address, "large", LARGE_PARTITIONS, *fill[:4], "--seconds", 0.2, "--warm", 0)
            one.kill()
        with ingestor(bench, bench.hera, data, "large") as one:
            killed.append(one.seconds_to_ready)
    gigabytes = sum(os.stat(path).st_size for path in segments(data)) / 1e9
    shown = f"hera ingestor, {gigabytes:.0f} GB in {len(segments(data))} sparse segments"
    bench.add("ingestor, start with 100 GB after a clean stop", f"{median(clean) * 1000:.0f}", "ms", "200", shown)
    bench.add("ingestor, start with 100 GB after SIGKILL", f"{median(killed) * 1000:.0f}", "ms", "", shown)


def widen(path):
    """Puts a hole before the batches of a segment, so that it has 256 MB, and adds it to the positions in its index."""
    times = os.stat(path)
    with open(path, "r+b") as log:
        batches = log.read()
        hole = LARGE_SEGMENT_BYTES - len(batches)
        log.truncate(0)
        log.seek(hole)
        log.write(batches)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    with open(path.removesuffix(".log") + ".index", "r+b") as index:
        entries = list(struct.iter_unpack(">II", index.read()))
        index.seek(0)
        # The first batch is not at the start of the file any more.
        for offset, position in [(0, 0), *entries]:
            index.write(struct.pack(">II", offset, position + hole))


def segments(data):
    return glob.glob(os.path.join(data, "ingestor", "large-*", "*.log"))
