"""What a client can do, one capability after the other, and what came of it.

A peer of the matrix has a class with a method for each capability that its client has calls for. The methods are called in
the order of CAPABILITIES, each with what those before it left. A line a capability is printed: its name, a tabulator, and
`yes`, or why not. A client without a call has no method, and prints no line.
"""

import os
import sys
import threading
import traceback

CAPABILITIES = [
    "create_topic", "describe_topic", "add_partitions", "describe_configs", "alter_configs",
    "produce_none", "produce_gzip", "produce_snappy", "produce_lz4", "produce_zstd", "produce_idempotent",
    "consume", "list_offsets", "delete_records", "consume_in_group",
    "list_groups", "describe_groups", "read_group_offsets", "alter_group_offsets", "delete_group_offsets",
    "delete_groups", "consume_in_new_group", "describe_log_dirs", "describe_cluster", "describe_producers", "elect_leaders", "reassignments",
    "delete_topic",
]

TOPIC = "matrix"
GROUP = "matrix-readers"
NEW_GROUP = "matrix-new-readers"
CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]
WAIT_SECONDS = 30


def value(codec):
    """A value that is shorter when it is compressed: clients send others as they are."""
    return codec.encode() * 100


def expect(seen, wanted):
    if seen != wanted:
        raise AssertionError(f"{seen!r} is not {wanted!r}")


def run(peer):
    end_after(120)
    for name in CAPABILITIES:
        capability = getattr(peer, name, None)
        if capability is None:
            continue
        try:
            capability()
            outcome = "yes"
        except Exception as error:
            traceback.print_exc()
            outcome = f"{type(error).__name__}: {error}".replace("\n", " ")
        print(f"{name}\t{outcome}", flush=True)


def end_after(seconds):
    """Ends the process with status 3 after so long: a peer that waits for ever would hide what went wrong."""

    def end():
        print(f"no end after {seconds} seconds", file=sys.stderr, flush=True)
        os._exit(3)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
