"""kafka-python 2.0.2, the client of the original data source, as a peer of the ingestor.

The commands are those of confluent_peer.py.
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic

import peer_records

WAIT_SECONDS = 30


def create(bootstrap, partitions, *topics):
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    admin.create_topics([NewTopic(topic, int(partitions), 1) for topic in topics])
    admin.close()


def delete(bootstrap, *topics):
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    admin.delete_topics(list(topics))
    admin.close()


def produce(bootstrap, codec):
    producer = KafkaProducer(
        bootstrap_servers=bootstrap, compression_type=None if codec == "none" else codec, acks="all", linger_ms=50
    )
    sent = []
    for record in peer_records.read():
        future = producer.send(
            record["topic"], partition=record["partition"], key=record["key"], value=record["value"],
            headers=record["headers"], timestamp_ms=record["timestamp"],
        )
        sent.append((record, future))
    producer.flush(WAIT_SECONDS)
    for record, future in sent:
        place = future.get(WAIT_SECONDS)
        peer_records.write(
            place.topic, place.partition, place.offset, place.timestamp,
            record["key"], record["value"], record["headers"],
        )
    producer.close()


def write(message, **more):
    peer_records.write(
        message.topic, message.partition, message.offset, message.timestamp,
        message.key, message.value, message.headers, **more,
    )


def consume(bootstrap, *topics):
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, check_crcs=True)
    places = [TopicPartition(topic, partition) for topic in topics for partition in consumer.partitions_for_topic(topic)]
    consumer.assign(places)
    consumer.seek_to_beginning()
    ends = consumer.end_offsets(places)
    deadline = time.monotonic() + WAIT_SECONDS
    while any(consumer.position(place) < ends[place] for place in places):
        if time.monotonic() > deadline:
            sys.exit(f"not read to the end: {ends}")
        for messages in consumer.poll(timeout_ms=200).values():
            for message in messages:
                write(message)
    consumer.close()


def group(bootstrap, name, members, share, count, *topics):
    consumers = [
        KafkaConsumer(
            *topics, bootstrap_servers=bootstrap, group_id=name, client_id=f"member-{index}",
            enable_auto_commit=False, auto_offset_reset="earliest", session_timeout_ms=6000, heartbeat_interval_ms=500,
        )
        for index in range(int(members))
    ]
    left = int(count)
    ready = False
    # A member joins within its poll, and the group waits for all of them: each polls in a thread of its own until then.
    with ThreadPoolExecutor(len(consumers)) as threads:
        while left > 0:
            polls = [threads.submit(consumer.poll, 100) for consumer in consumers]
            for index, poll in enumerate(polls):
                for messages in poll.result().values():
                    for message in messages:
                        write(message, member=index)
                        left -= 1
            if not ready and all(len(consumer.assignment()) == int(share) for consumer in consumers):
                ready = True
                peer_records.say("ready")
        for consumer in consumers:
            consumer.commit()
        for closing in [threads.submit(consumer.close) for consumer in consumers]:
            closing.result()


def admin(bootstrap, name):
    client = KafkaAdminClient(bootstrap_servers=bootstrap)
    described = client.describe_consumer_groups([name])[0]
    print(
        json.dumps(
            {
                "groups": sorted(group for group, _ in client.list_consumer_groups()),
                "state": described.state.lower(),
                "protocol": described.protocol,
                "members": [
                    {
                        "client": member.client_id,
                        "host": member.client_host,
                        "partitions": sorted(
                            [topic, partition]
                            for topic, partitions in member.member_assignment.assignment
                            for partition in partitions
                        ),
                    }
                    for member in described.members
                ],
                "offsets": {
                    f"{place.topic}-{place.partition}": offset.offset
                    for place, offset in client.list_consumer_group_offsets(name).items()
                },
            }
        )
    )
    client.close()


def delete_groups(bootstrap, *names):
    client = KafkaAdminClient(bootstrap_servers=bootstrap)
    outcomes = {}
    for name, error in client.delete_consumer_groups(list(names)):
        outcomes[name] = None if error.errno == 0 else error.message
    print(json.dumps(outcomes))
    client.close()


if __name__ == "__main__":
    peer_records.end_after(60)
    commands = {
        "create": create, "delete": delete, "produce": produce, "consume": consume, "group": group,
        "admin": admin, "delete-groups": delete_groups,
    }
    commands[sys.argv[1]](*sys.argv[2:])
