"""Committed offsets, as the ingestor keeps them in __consumer_offsets. Records are decoded here by Kafka's schemas.

    committed_offsets.py commit BOOTSTRAP GROUP TOPIC OFFSET NOTE   in partition 0
    committed_offsets.py forget BOOTSTRAP GROUP
    committed_offsets.py read BOOTSTRAP                             every record: GROUP TOPIC PARTITION OFFSET NOTE
    committed_offsets.py destroy BOOTSTRAP                          deletes the topic, and produces to it: the errors
"""

import struct
import sys
import time

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

import peer_records

TOPIC = "__consumer_offsets"
WAIT_SECONDS = 30


def consumer(bootstrap, group):
    return Consumer(
        {"bootstrap.servers": bootstrap, "group.id": group, "enable.auto.commit": False, "enable.partition.eof": True}
    )


def commit(bootstrap, group, topic, offset, note):
    member = consumer(bootstrap, group)
    place = TopicPartition(topic, 0, int(offset), metadata=note)
    assert member.commit(offsets=[place], asynchronous=False)[0].error is None
    member.close()


def forget(bootstrap, group):
    admin = AdminClient({"bootstrap.servers": bootstrap})
    for future in admin.delete_consumer_groups([group]).values():
        future.result(WAIT_SECONDS)


class Fields:
    def __init__(self, data):
        self.data = data

    def number(self, form):
        size = struct.calcsize(form)
        value, self.data = struct.unpack(form, self.data[:size])[0], self.data[size:]
        return value

    def text(self):
        size = self.number(">h")
        value, self.data = self.data[:size].decode(), self.data[size:]
        return value


def decoded(message):
    key = Fields(message.key())
    assert key.number(">h") == 1
    place = f"{key.text()} {key.text()} {key.number('>i')}"
    assert not key.data
    if message.value() is None:
        return f"{place} forgotten"
    value = Fields(message.value())
    assert value.number(">h") == 3
    offset, epoch, note, milliseconds = value.number(">q"), value.number(">i"), value.text(), value.number(">q")
    assert not value.data and epoch >= -1
    # confluent-kafka sends the end of its C string along.
    note = note.rstrip("\0")
    assert abs(time.time() - milliseconds / 1000) < 3600, "it is the time of day"
    return f"{place} {offset} {note}"


def read(bootstrap):
    reader = consumer(bootstrap, "reader")
    assert TOPIC in reader.list_topics(timeout=WAIT_SECONDS).topics
    reader.assign([TopicPartition(TOPIC, 0, OFFSET_BEGINNING)])
    while True:
        message = reader.poll(WAIT_SECONDS)
        assert message is not None, "the end was not reached"
        if message.error():
            assert message.error().code() == KafkaError._PARTITION_EOF, message.error()
            break
        peer_records.say(decoded(message))
    reader.close()


def destroy(bootstrap):
    admin = AdminClient({"bootstrap.servers": bootstrap})
    for future in admin.delete_topics([TOPIC]).values():
        try:
            future.result(WAIT_SECONDS)
        except KafkaException as error:
            peer_records.say(error.args[0].name())
    producer = Producer({"bootstrap.servers": bootstrap})
    producer.produce(TOPIC, b"value", b"key", on_delivery=lambda error, _: peer_records.say(error.name()))
    assert producer.flush(WAIT_SECONDS) == 0


if __name__ == "__main__":
    {"commit": commit, "forget": forget, "read": read, "destroy": destroy}[sys.argv[1]](*sys.argv[2:])
