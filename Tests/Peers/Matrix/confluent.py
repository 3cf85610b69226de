"""confluent-kafka (the newest librdkafka) in the matrix of clients and capabilities: confluent.py BOOTSTRAP"""

import sys

from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, ElectionType, Producer, TopicPartition
from confluent_kafka.admin import (
    AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewPartitions, NewTopic, OffsetSpec,
)

import cells
from cells import GROUP, TOPIC, WAIT_SECONDS, expect


def only(futures):
    (future,) = futures.values()
    return future.result(WAIT_SECONDS)


class Peer:
    def __init__(self, bootstrap):
        self.bootstrap = bootstrap
        self.admin = AdminClient({"bootstrap.servers": bootstrap})
        self.place = TopicPartition(TOPIC, 0)

    def create_topic(self):
        only(self.admin.create_topics([NewTopic(TOPIC, 1, 1, config={"segment.bytes": "1048576"})]))

    def describe_topic(self):
        expect(len(self.admin.list_topics(TOPIC, timeout=WAIT_SECONDS).topics[TOPIC].partitions), 1)

    def add_partitions(self):
        only(self.admin.create_partitions([NewPartitions(TOPIC, 2)]))
        expect(len(self.admin.list_topics(TOPIC, timeout=WAIT_SECONDS).topics[TOPIC].partitions), 2)

    def setting(self, name):
        return only(self.admin.describe_configs([ConfigResource(ConfigResource.Type.TOPIC, TOPIC)]))[name].value

    def describe_configs(self):
        expect(self.setting("segment.bytes"), "1048576")

    def alter_configs(self):
        changed = ConfigResource(ConfigResource.Type.TOPIC, TOPIC)
        changed.add_incremental_config(
            ConfigEntry("retention.ms", "86400000", incremental_operation=AlterConfigOpType.SET)
        )
        only(self.admin.incremental_alter_configs([changed]))
        expect(self.setting("retention.ms"), "86400000")

    def produce(self, codec, **settings):
        failures = []
        producer = Producer({"bootstrap.servers": self.bootstrap, "compression.type": codec, **settings})
        producer.produce(
            TOPIC, partition=0, key=codec, value=cells.value(codec),
            on_delivery=lambda error, _: failures.append(error) if error else None,
        )
        expect(producer.flush(WAIT_SECONDS), 0)
        expect(failures, [])

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

    def produce_idempotent(self):
        self.produce("none", **{"enable.idempotence": True})

    def read(self, consumer, count):
        values = []
        while len(values) < count:
            message = consumer.poll(WAIT_SECONDS)
            if message is None or message.error():
                raise AssertionError(f"{len(values)} records came, then {message and message.error()}")
            values.append(message.value())
        return values

    def consume(self):
        consumer = Consumer(
            {"bootstrap.servers": self.bootstrap, "group.id": "unused", "enable.auto.commit": False, "check.crcs": True}
        )
        consumer.assign([TopicPartition(TOPIC, 0, 0)])
        expect(self.read(consumer, 6), [cells.value(codec) for codec in cells.CODECS + ["none"]])
        consumer.close()

    def offset(self, spec):
        return only(self.admin.list_offsets({self.place: spec})).offset

    def list_offsets(self):
        expect(self.offset(OffsetSpec.earliest()), 0)
        expect(self.offset(OffsetSpec.latest()), 6)
        expect(self.offset(OffsetSpec.for_timestamp(0)), 0)
        expect(self.offset(OffsetSpec.max_timestamp()) in range(6), True)

    def delete_records(self):
        expect(only(self.admin.delete_records([TopicPartition(TOPIC, 0, 2)])).low_watermark, 2)
        expect(self.offset(OffsetSpec.earliest()), 2)

    def consume_in_group(self):
        self.consume_as_member({"group.id": GROUP})

    def consume_in_new_group(self):
        self.consume_as_member({"group.id": cells.NEW_GROUP, "group.protocol": "consumer"})

    def consume_as_member(self, settings):
        consumer = Consumer(
            {"bootstrap.servers": self.bootstrap, "auto.offset.reset": "earliest", "enable.auto.commit": False, **settings}
        )
        consumer.subscribe([TOPIC])
        expect(len(self.read(consumer, 4)), 4)
        consumer.commit(asynchronous=False)
        consumer.close()

    def list_groups(self):
        listed = self.admin.list_consumer_groups(request_timeout=WAIT_SECONDS).result()
        expect([group.group_id for group in listed.valid], [GROUP])

    def describe_groups(self):
        described = only(self.admin.describe_consumer_groups([GROUP], request_timeout=WAIT_SECONDS))
        expect(described.state.name, "EMPTY")

    def committed(self):
        found = only(self.admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(GROUP)]))
        return {place.partition: place.offset for place in found.topic_partitions if place.offset >= 0}

    def read_group_offsets(self):
        expect(self.committed()[0], 6)

    def alter_group_offsets(self):
        places = [TopicPartition(TOPIC, 0, 3), TopicPartition(TOPIC, 1, 0)]
        only(self.admin.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(GROUP, places)]))
        expect(self.committed(), {0: 3, 1: 0})

    def delete_groups(self):
        only(self.admin.delete_consumer_groups([GROUP], request_timeout=WAIT_SECONDS))
        expect(self.admin.list_consumer_groups(request_timeout=WAIT_SECONDS).result().valid, [])

    def describe_cluster(self):
        expect(len(self.admin.describe_cluster().result(WAIT_SECONDS).nodes), 1)

    def elect_leaders(self):
        elected = self.admin.elect_leaders(ElectionType.PREFERRED, [self.place]).result(WAIT_SECONDS)
        expect([error.name() for error in elected.values() if error], ["ELECTION_NOT_NEEDED"])

    def delete_topic(self):
        only(self.admin.delete_topics([TOPIC]))
        expect(TOPIC in self.admin.list_topics(timeout=WAIT_SECONDS).topics, False)


if __name__ == "__main__":
    cells.run(Peer(sys.argv[1]))
