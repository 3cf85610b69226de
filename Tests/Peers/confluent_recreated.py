"""A topic is deleted and made again with fewer partitions, while one producer and one consumer go on.

    python confluent_recreated.py BOOTSTRAP BEFORE AFTER

Prints a line of JSON: how many records of the second topic were delivered, failed and consumed. A record that waited for a
partition that is gone is sent again: librdkafka gives it back at once. The clients' options are their defaults, but for how
often they look and how long they wait.
"""

import json
import sys
import time

from confluent_kafka import Consumer, KafkaError, Producer
from confluent_kafka.admin import AdminClient, NewTopic

TOPIC = "again"
COUNT = 60
SECONDS_MAX = 60


def create(admin, partitions):
    admin.create_topics([NewTopic(TOPIC, partitions, 1)])[TOPIC].result()


class Sender:
    def __init__(self, bootstrap):
        self.producer = Producer({"bootstrap.servers": bootstrap, "message.timeout.ms": SECONDS_MAX * 1000})
        self.delivered = 0
        self.failed = 0
        self.returned = []

    def done(self, error, message):
        if error and error.code() == KafkaError._UNKNOWN_PARTITION:
            self.returned.append((message.key(), message.value()))
        elif error:
            print(error, file=sys.stderr)
            self.failed += 1
        else:
            self.delivered += 1

    def send(self, tag):
        self.delivered = self.failed = 0
        records = [(f"{number}", f"{tag}-{number}") for number in range(COUNT)]
        while records:
            for key, value in records:
                self.producer.produce(TOPIC, value, key=key, on_delivery=self.done)
            self.producer.flush()
            records, self.returned = self.returned, []


def consume(consumer, tag):
    seen = set()
    end = time.monotonic() + SECONDS_MAX
    while len(seen) < COUNT and time.monotonic() < end:
        message = consumer.poll(0.2)
        if message is None:
            continue
        if message.error():
            print(message.error(), file=sys.stderr)
        elif message.value().decode().startswith(tag):
            seen.add(message.value())
    return len(seen)


def main(bootstrap, before, after):
    admin = AdminClient({"bootstrap.servers": bootstrap})
    create(admin, int(before))
    sender = Sender(bootstrap)
    consumer = Consumer({
        "bootstrap.servers": bootstrap,
        "group.id": "again",
        "auto.offset.reset": "earliest",
        "topic.metadata.refresh.interval.ms": 500,
    })
    consumer.subscribe([TOPIC])
    sender.send("first")
    first = consume(consumer, "first")
    admin.delete_topics([TOPIC])[TOPIC].result()
    create(admin, int(after))
    sender.send("second")
    print(json.dumps({
        "first": first,
        "delivered": sender.delivered,
        "failed": sender.failed,
        "consumed": consume(consumer, "second"),
    }))
    consumer.close()


main(*sys.argv[1:])
