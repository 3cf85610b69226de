"""kafka-python, old and new, in the matrix of clients and capabilities: kafka_python.py BOOTSTRAP

Which of its versions it is, PYTHONPATH says. Up to 2.x its administrator hands over the answers of the protocol; 3.0 has
values of its own and more calls.
"""

import sys

import kafka
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient, NewPartitions, NewTopic
from kafka.structs import OffsetAndMetadata

import cells
from cells import GROUP, TOPIC, WAIT_SECONDS, expect

PLACE = TopicPartition(TOPIC, 0)


class Peer:
    """What all versions can do."""

    def __init__(self, bootstrap):
        self.bootstrap = bootstrap
        self.admin = KafkaAdminClient(bootstrap_servers=bootstrap)

    def partition_count(self):
        (topic,) = self.admin.describe_topics([TOPIC])
        return len(topic["partitions"])

    def create_topic(self):
        self.admin.create_topics([NewTopic(TOPIC, 1, 1, topic_configs={"segment.bytes": "1048576"})])

    def describe_topic(self):
        expect(self.partition_count(), 1)

    def add_partitions(self):
        self.admin.create_partitions({TOPIC: NewPartitions(2)})
        expect(self.partition_count(), 2)

    def setting(self, name):
        for answer in self.admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, TOPIC)]):
            for code, message, _, _, entries in answer.resources:
                expect((code, message or ""), (0, ""))
                return {entry[0]: entry[1] for entry in entries}[name]

    def describe_configs(self):
        expect(self.setting("segment.bytes"), "1048576")

    def alter_configs(self):
        changed = ConfigResource(ConfigResourceType.TOPIC, TOPIC, configs={"retention.ms": "86400000"})
        self.admin.alter_configs([changed])
        expect(self.setting("retention.ms"), "86400000")

    def produce(self, codec, **settings):
        producer = KafkaProducer(
            bootstrap_servers=self.bootstrap, compression_type=None if codec == "none" else codec, acks="all", **settings
        )
        producer.send(TOPIC, partition=0, key=codec.encode(), value=cells.value(codec)).get(WAIT_SECONDS)
        producer.close()

    def produce_none(self):
        self.produce("none")

    def produce_gzip(self):
        self.produce("gzip")

    def produce_snappy(self):
        self.produce("snappy")

    def produce_lz4(self):
        self.produce("lz4")

    def produce_zstd(self):
        self.produce("zstd")

    def read(self, consumer, count):
        values = []
        while len(values) < count:
            for messages in consumer.poll(timeout_ms=200).values():
                values += [message.value for message in messages]
        return values

    def consume(self):
        consumer = KafkaConsumer(bootstrap_servers=self.bootstrap, enable_auto_commit=False, check_crcs=True)
        consumer.assign([PLACE])
        consumer.seek_to_beginning()
        count = 6 if hasattr(self, "produce_idempotent") else 5
        expect(self.read(consumer, count), [cells.value(codec) for codec in cells.CODECS + ["none"]][:count])
        consumer.close()

    def list_offsets(self):
        consumer = KafkaConsumer(bootstrap_servers=self.bootstrap)
        expect(consumer.beginning_offsets([PLACE])[PLACE], 0)
        expect(consumer.end_offsets([PLACE])[PLACE] >= 5, True)
        expect(consumer.offsets_for_times({PLACE: 0})[PLACE].offset, 0)
        consumer.close()

    def consume_in_group(self):
        consumer = KafkaConsumer(
            TOPIC, bootstrap_servers=self.bootstrap, group_id=GROUP, auto_offset_reset="earliest", enable_auto_commit=False
        )
        self.read(consumer, 3)
        consumer.commit()
        consumer.close()

    def groups(self):
        return [group for group, _ in self.admin.list_consumer_groups()]

    def list_groups(self):
        expect(self.groups(), [GROUP])

    def describe_groups(self):
        expect(self.admin.describe_consumer_groups([GROUP])[0].state, "Empty")

    def committed(self):
        return {place.partition: offset.offset for place, offset in self.admin.list_consumer_group_offsets(GROUP).items()}

    def read_group_offsets(self):
        expect(self.committed()[0] >= 5, True)

    def delete_groups(self):
        for _, error in self.admin.delete_consumer_groups([GROUP]):
            expect(error.errno, 0)
        expect(self.groups(), [])

    def describe_cluster(self):
        expect(len(self.admin.describe_cluster()["brokers"]), 1)

    def delete_topic(self):
        self.admin.delete_topics([TOPIC])
        expect(TOPIC in self.admin.list_topics(), False)


class MiddlePeer(Peer):
    """What 2.3 has beside that. Its DescribeLogDirs has version 0 only, which Kafka 4 has given up."""

    def produce_idempotent(self):
        self.produce("none", enable_idempotence=True)

    def delete_records(self):
        expect(self.admin.delete_records({PLACE: 2})[PLACE]["low_watermark"], 2)


class NewPeer(MiddlePeer):
    """What 3.0 has beside that, or in another form."""

    def setting(self, name):
        answer = self.admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, TOPIC)], config_filter="all")
        return answer["topic"][TOPIC][name]["value"]

    def groups(self):
        return [group["group_id"] for group in self.admin.list_groups()]

    def describe_groups(self):
        expect(self.admin.describe_groups([GROUP])[GROUP]["group_state"], "Empty")

    def committed(self):
        found = self.admin.list_group_offsets({GROUP: None})[GROUP]
        return {place.partition: offset.offset for place, offset in found.items()}

    def alter_group_offsets(self):
        self.admin.alter_group_offsets(GROUP, {PLACE: OffsetAndMetadata(3, "", -1)})
        expect(self.committed()[0], 3)

    def delete_group_offsets(self):
        self.admin.delete_group_offsets(GROUP, [PLACE])
        expect(0 in self.committed(), False)

    def delete_groups(self):
        expect(self.admin.delete_groups([GROUP]), {GROUP: "OK"})
        expect(self.groups(), [])

    def describe_log_dirs(self):
        (node,) = self.admin.describe_log_dirs()
        (volume,) = node["log_dirs"]
        (topic,) = [topic for topic in volume["topics"] if topic["name"] == TOPIC]
        expect(topic["partitions"][0]["partition_size"] > 0, True)

    def describe_producers(self):
        expect(len(self.admin.describe_producers([PLACE])[PLACE].active_producers) > 0, True)

    def elect_leaders(self):
        expect(self.admin.elect_leaders(0, [PLACE], raise_errors=False).error_code, 0)

    def reassignments(self):
        expect(self.admin.list_partition_reassignments(), {})


if __name__ == "__main__":
    version = tuple(int(number) for number in kafka.__version__.split(".")[:2])
    peer = NewPeer if version >= (3, 0) else MiddlePeer if version >= (2, 3) else Peer
    cells.run(peer(sys.argv[1]))
