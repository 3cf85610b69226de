"""Measures the pipeline against its peers, side by side in one run, and writes docs/BENCHMARKS.md.

Every figure is the median of several rounds; the commands stand in the page. Called by script/bench.
"""

import argparse
import os
import time

import hdfs
import ingestor
import pipeline
import source
from measured import Bench
from processes import limit_core_files

MEASUREMENTS = [
    ingestor.rates,
    ingestor.connections,
    ingestor.beside_cleaning,
    ingestor.beside_retention,
    ingestor.large_start,
    source.source_beside_rdkafka_performance,
    source.source_with_all_dials,
    pipeline.source_and_sink,
    pipeline.pipeline_under_load,
    pipeline.demo,
    hdfs.sink_to_hdfs,
]


def main():
    names = ", ".join(measurement.__name__ for measurement in MEASUREMENTS)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hera", required=True)
    parser.add_argument("--before", help="an older hera, whose ingestor is measured by turns with this one's")
    parser.add_argument("--rdkafka-performance", required=True)
    parser.add_argument("--connections", required=True, help="the program of Benchmarks/connections.c")
    parser.add_argument("--work", required=True, help="a directory for data and logs")
    parser.add_argument("--out", required=True, help="the page to write")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--records", type=int, default=3_000_000, help="records a round")
    parser.add_argument("--only", action="append", help=f"a measurement, several times for several: {names}")
    options = parser.parse_args()
    limit_core_files()
    os.makedirs(options.work, exist_ok=True)
    bench = Bench(options)
    known = {measurement.__name__: measurement for measurement in MEASUREMENTS}
    for name in options.only or known:
        if name not in known:
            parser.error(f"there is no measurement {name}: {names}")
    for name in options.only or known:
        began = time.monotonic()
        known[name](bench)
        print(f"bench: {name} took {time.monotonic() - began:.0f} s", flush=True)
    for loss in bench.losses:
        print(f"bench: slower than before: {loss}")
    if options.only:
        return
    with open(options.out, "w") as page:
        page.write(bench.page())
    print(f"bench: wrote {options.out}")


main()
