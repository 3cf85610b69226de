"""Measures the sink into a real HDFS, beside curl with the same bytes."""

import contextlib
import getpass
import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request

from measured import median, whole
from processes import run, server

SINK = {"HERA_SINK_FLUSH_SIZE": "1000000", "HERA_SINK_VISIBLE_WITHIN_MILLISECONDS": "500"}


def sink_to_hdfs(bench):
    """The sink on what the source sent, then one curl for each file that it made."""
    users = bench.records // 10
    rates, megabytes, curl_megabytes, peaks = [], [], [], []
    for number in range(bench.rounds):
        data = bench.data("hdfs-source")
        listen = ["--data", data, "--listen", "127.0.0.1:0"]
        with cluster(bench) as address:
            with server([bench.hera, "ingestor", *listen], bench.log("hdfs-ingestor")) as ingestor:
                count = str(bench.records - 6 * users)
                run([bench.hera, "source", ingestor.address, str(users), "--count", count, "--quiet"])
            storage = ["--storage", f"webhdfs://{address}/bench-{number}"]
            up = [bench.hera, "up", "--no-source", *listen, *storage]
            with server(up, bench.log("hdfs-sink"), SINK) as pipeline:
                before = time.monotonic()
                while filed(address, number) < bench.records:
                    if time.monotonic() - before > 300:
                        raise SystemExit("the records were not filed in 300 s")
                    time.sleep(0.05)
                seconds = time.monotonic() - before
                peaks.append(pipeline.peak_mebibytes())
            run([bench.hera, "audit", "--data", data, *storage])
            sizes = file_sizes(address, f"/bench-{number}/HeraSDG/raw_data")
            rates.append(bench.records / seconds)
            megabytes.append(sum(sizes) / seconds / 1e6)
            curl_megabytes.append(curl_rate(bench, address, sizes))
    peer = f"`curl -T` of files of the same sizes, one after the other: {whole(median(curl_megabytes))} MB/s"
    shown = " ".join(f"{name}={value}" for name, value in SINK.items()) + " hera up --no-source --storage webhdfs://…"
    bench.add("sink to HDFS", whole(median(rates)), "records/s", "", shown)
    bench.add("sink to HDFS, bytes", whole(median(megabytes)), "MB/s", f"{whole(0.8 * median(curl_megabytes))}", shown, peer)
    bench.add("`hera up` while it files to HDFS, peak memory", f"{max(peaks):.0f}", "MiB", "300", shown)


@contextlib.contextmanager
def cluster(bench):
    """A NameNode and a DataNode; gives the address of WebHDFS."""
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    script = os.path.join(root, "Tests", "Peers", "hdfs_cluster.py")
    command = [sys.executable, script, "serve", os.path.join(root, ".venv", "hadoop"), bench.data("hdfs")]
    os.makedirs(bench.data("hdfs"))
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        ready = re.match(r"ready webhdfs=(\S+)", process.stdout.readline())
        if not ready:
            raise SystemExit("the HDFS did not start")
        yield ready[1]
    finally:
        process.terminate()
        process.wait(timeout=120)


def ask(address, path, operation):
    """The answer to a question about a path; `None` where there is nothing."""
    try:
        with urllib.request.urlopen(f"http://{address}/webhdfs/v1{path}?op={operation}&user.name={getpass.getuser()}") as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return None
        raise


def entries(address, path):
    listing = ask(address, path, "LISTSTATUS")
    return listing["FileStatuses"]["FileStatus"] if listing else []


def filed(address, number):
    """Records filed or filtered, by the newest commit record of each partition."""
    logs, total = f"/bench-{number}/HeraSDG/_logs/hdfs3-sink", 0
    for topic in entries(address, logs):
        for partition in entries(address, f"{logs}/{topic['pathSuffix']}"):
            directory = f"{logs}/{topic['pathSuffix']}/{partition['pathSuffix']}"
            records = [entry["pathSuffix"] for entry in entries(address, directory) if entry["pathSuffix"].endswith(".json")]
            if records:
                record = ask(address, f"{directory}/{max(records)}", "OPEN")
                total += (record or {}).get("next", 0)
    return total


def file_sizes(address, path):
    sizes = []
    for entry in entries(address, path):
        if entry["pathSuffix"].startswith("+"):
            continue
        if entry["type"] == "DIRECTORY":
            sizes += file_sizes(address, f"{path}/{entry['pathSuffix']}")
        else:
            sizes.append(entry["length"])
    return sizes


def curl_rate(bench, address, sizes):
    """Megabytes a second that curl writes."""
    source = os.path.join(bench.work, "hdfs.bytes")
    seconds = 0
    for number, size in enumerate(sizes):
        with open(source, "wb") as file:
            file.truncate(size)
        url = f"http://{address}/webhdfs/v1/curl-{number}?op=CREATE&overwrite=true&user.name={getpass.getuser()}"
        before = time.monotonic()
        subprocess.run(["curl", "-sS", "--fail", "-L", "-o", "/dev/null", "-T", source, url], check=True)
        seconds += time.monotonic() - before
    os.remove(source)
    return sum(sizes) / seconds / 1e6
