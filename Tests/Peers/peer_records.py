"""Records as lines of JSON, as the peers read and write them: bytes are hexadecimal, null is null.

    {"topic": "t", "partition": 0, "offset": 0, "timestamp": 1700000000000,
     "key": "6b", "value": null, "headers": [["name", "76"], ["none", null]]}
"""

import json
import os
import sys
import threading


def from_hex(text):
    return None if text is None else bytes.fromhex(text)


def to_hex(data):
    return None if data is None else bytes(data).hex()


def read():
    """The records on standard input."""
    for line in sys.stdin:
        record = json.loads(line)
        record["key"] = from_hex(record["key"])
        record["value"] = from_hex(record["value"])
        record["headers"] = [(name, from_hex(value)) for name, value in record["headers"]]
        yield record


def write(topic, partition, offset, timestamp, key, value, headers, **more):
    """Writes a record to standard output."""
    line = {
        "topic": topic,
        "partition": partition,
        "offset": offset,
        "timestamp": timestamp,
        "key": to_hex(key),
        "value": to_hex(value),
        "headers": [[name, to_hex(data)] for name, data in headers],
        **more,
    }
    print(json.dumps(line), flush=True)


def say(word):
    """Writes a line that the test waits for."""
    print(word, flush=True)


def end_after(seconds):
    """Ends the process with status 3 after so long: a peer that waits for ever would hide what went wrong."""

    def end():
        print(f"no end after {seconds} seconds", file=sys.stderr, flush=True)
        os._exit(3)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
