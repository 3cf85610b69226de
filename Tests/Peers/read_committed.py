"""Clients in Python that read committed records only: read_committed.py kafka-python|aiokafka BOOTSTRAP TOPIC

Partition 0 is read from its start to its end; a line is printed for each record: its offset. Which version of kafka-python
it is, PYTHONPATH says.
"""

import asyncio
import sys

from Matrix import cells

SETTINGS = {"isolation_level": "read_committed", "enable_auto_commit": False}


def kafka_python(bootstrap, topic):
    from kafka import KafkaConsumer, TopicPartition

    place = TopicPartition(topic, 0)
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, **SETTINGS)
    consumer.assign([place])
    consumer.seek_to_beginning()
    end = consumer.end_offsets([place])[place]
    while consumer.position(place) < end:
        for messages in consumer.poll(timeout_ms=200).values():
            for message in messages:
                print(message.offset)
    consumer.close()


async def aiokafka(bootstrap, topic):
    from aiokafka import AIOKafkaConsumer, TopicPartition

    place = TopicPartition(topic, 0)
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap, **SETTINGS) as consumer:
        consumer.assign([place])
        await consumer.seek_to_beginning()
        end = (await consumer.end_offsets([place]))[place]
        while await consumer.position(place) < end:
            for messages in (await consumer.getmany(timeout_ms=200)).values():
                for message in messages:
                    print(message.offset)


if __name__ == "__main__":
    cells.end_after(60)
    client, bootstrap, topic = sys.argv[1:]
    if client == "aiokafka":
        asyncio.run(aiokafka(bootstrap, topic))
    else:
        kafka_python(bootstrap, topic)
