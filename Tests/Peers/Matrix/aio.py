"""aiokafka in the matrix of clients and capabilities: aio.py BOOTSTRAP"""

import asyncio
import sys

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

import cells
from cells import GROUP, TOPIC, WAIT_SECONDS, expect

PLACE = TopicPartition(TOPIC, 0)


class Peer:
    def __init__(self, bootstrap):
        self.bootstrap = bootstrap
        self.loop = asyncio.new_event_loop()
        self.admin = self.run(self.start_admin())

    async def start_admin(self):
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        return admin

    def run(self, coroutine):
        return self.loop.run_until_complete(asyncio.wait_for(coroutine, WAIT_SECONDS))

    def partition_count(self):
        (topic,) = self.run(self.admin.describe_topics([TOPIC]))
        return len(topic["partitions"])

    def create_topic(self):
        settings = {"segment.bytes": "1048576"}
        answer = self.run(self.admin.create_topics([NewTopic(TOPIC, 1, 1, topic_configs=settings)]))
        expect([error for _, error, *_ in answer.topic_errors], [0])

    def describe_topic(self):
        expect(self.partition_count(), 1)

    def add_partitions(self):
        answer = self.run(self.admin.create_partitions({TOPIC: NewPartitions(2)}))
        expect([error for _, error, *_ in answer.topic_errors], [0])
        expect(self.partition_count(), 2)

    def setting(self, name):
        for answer in self.run(self.admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, TOPIC)])):
            for code, _, _, _, entries in answer.resources:
                expect(code, 0)
                return {entry[0]: entry[1] for entry in entries}[name]

    def describe_configs(self):
        expect(self.setting("segment.bytes"), "1048576")

    def alter_configs(self):
        changed = ConfigResource(ConfigResourceType.TOPIC, TOPIC, configs={"retention.ms": "86400000"})
        self.run(self.admin.alter_configs([changed]))
        expect(self.setting("retention.ms"), "86400000")

    async def send(self, codec, **settings):
        compression = None if codec == "none" else codec
        async with AIOKafkaProducer(
            bootstrap_servers=self.bootstrap, compression_type=compression, **settings
        ) as producer:
            await producer.send_and_wait(TOPIC, cells.value(codec), key=codec.encode(), partition=0)

    def produce_none(self):
        self.run(self.send("none"))

    def produce_gzip(self):
        self.run(self.send("gzip"))

    def produce_snappy(self):
        self.run(self.send("snappy"))

    def produce_lz4(self):
        self.run(self.send("lz4"))

    def produce_zstd(self):
        self.run(self.send("zstd"))

    def produce_idempotent(self):
        self.run(self.send("none", enable_idempotence=True))

    def consume(self):
        async def read():
            async with AIOKafkaConsumer(bootstrap_servers=self.bootstrap, enable_auto_commit=False) as consumer:
                consumer.assign([PLACE])
                await consumer.seek_to_beginning()
                return [(await consumer.getone()).value for _ in range(6)]

        expect(self.run(read()), [cells.value(codec) for codec in cells.CODECS + ["none"]])

    def list_offsets(self):
        async def ask():
            async with AIOKafkaConsumer(bootstrap_servers=self.bootstrap) as consumer:
                return (
                    (await consumer.beginning_offsets([PLACE]))[PLACE],
                    (await consumer.end_offsets([PLACE]))[PLACE],
                    (await consumer.offsets_for_times({PLACE: 0}))[PLACE].offset,
                )

        expect(self.run(ask()), (0, 6, 0))

    def delete_records(self):
        expect(self.run(self.admin.delete_records({PLACE: RecordsToDelete(before_offset=2)})), {PLACE: 2})

    def consume_in_group(self):
        async def read():
            async with AIOKafkaConsumer(
                TOPIC, bootstrap_servers=self.bootstrap, group_id=GROUP, auto_offset_reset="earliest",
                enable_auto_commit=False,
            ) as consumer:
                for _ in range(4):
                    await consumer.getone()
                await consumer.commit()

        self.run(read())

    def groups(self):
        return [group for group, *_ in self.run(self.admin.list_consumer_groups())]

    def list_groups(self):
        expect(self.groups(), [GROUP])

    def describe_groups(self):
        (answer,) = self.run(self.admin.describe_consumer_groups([GROUP]))
        expect([group[:3] for group in answer.groups], [(0, GROUP, "Empty")])

    def read_group_offsets(self):
        expect(self.run(self.admin.list_consumer_group_offsets(GROUP))[PLACE].offset, 6)

    def describe_cluster(self):
        expect(len(self.run(self.admin.describe_cluster())["brokers"]), 1)

    def delete_topic(self):
        self.run(self.admin.delete_topics([TOPIC]))
        expect(TOPIC in self.run(self.admin.list_topics()), False)


if __name__ == "__main__":
    cells.run(Peer(sys.argv[1]))
