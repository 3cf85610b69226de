"""Produces and consumes with one producer and one consumer while the broker dies and comes back.

    python confluent_through_crashes.py BOOTSTRAP ROUNDS

Prints `round N` when all records of a round are read, and begins the next one when the broker is gone. In the end prints a line of JSON: how
many records were sent and read, and how many of them again.
"""

import json
import sys
import time

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

TOPIC = "crashes"
COUNT = 50
SECONDS_MAX = 60


def main(bootstrap, rounds):
    admin = AdminClient({"bootstrap.servers": bootstrap})
    admin.create_topics([NewTopic(TOPIC, 2, 1)])[TOPIC].result()
    options = {"bootstrap.servers": bootstrap, "reconnect.backoff.max.ms": 500, "retry.backoff.max.ms": 500}
    producer = Producer(options | {"enable.idempotence": True, "message.timeout.ms": SECONDS_MAX * 1000})
    losses = []
    consumer = Consumer(options | {"group.id": "g", "auto.offset.reset": "earliest", "error_cb": losses.append})
    consumer.assign([TopicPartition(TOPIC, 0, 0), TopicPartition(TOPIC, 1, 0)])
    seen = []
    for number in range(int(rounds)):
        end = time.monotonic() + SECONDS_MAX
        while number and not losses and time.monotonic() < end:
            consumer.poll(0.1)
        losses.clear()
        for record in range(COUNT):
            producer.produce(TOPIC, f"{number}-{record}", partition=record % 2)
        producer.flush()
        end = time.monotonic() + SECONDS_MAX
        while len(set(seen)) < COUNT * (number + 1) and time.monotonic() < end:
            message = consumer.poll(0.2)
            if message is None:
                continue
            if message.error():
                print(message.error(), file=sys.stderr)
            else:
                seen.append((message.partition(), message.offset(), message.value().decode()))
        print(f"round {number}", flush=True)
    values = [value for _, _, value in seen]
    print(json.dumps({
        "sent": COUNT * int(rounds),
        "read": len(set(values)),
        "repeated": len(values) - len(set(values)),
    }))
    consumer.close()


main(*sys.argv[1:])
