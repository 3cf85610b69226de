"""confluent-kafka (librdkafka) as a peer of the ingestor.

    confluent_peer.py create BOOTSTRAP PARTITIONS TOPIC...
    confluent_peer.py delete BOOTSTRAP TOPIC...
    confluent_peer.py produce BOOTSTRAP CODEC        records from standard input, acknowledged ones to standard output
    confluent_peer.py consume BOOTSTRAP TOPIC...     all partitions from the start to the end
    confluent_peer.py group BOOTSTRAP GROUP MEMBERS SHARE COUNT TOPIC...
    confluent_peer.py follow BOOTSTRAP TOPIC SECONDS
    confluent_peer.py admin BOOTSTRAP GROUP           what an administrator sees of the groups and of this one, as JSON
    confluent_peer.py delete-groups BOOTSTRAP GROUP...  what becomes of each, as JSON: null or the error's name

`group` says `ready` when each of its members has SHARE partitions, and ends when together they have read COUNT records
and committed. `follow` reads until its time is over, whatever becomes of the topic; errors go to standard error.
"""

import json
import sys
import time

from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

import peer_records

WAIT_SECONDS = 30


def create(bootstrap, partitions, *topics):
    admin = AdminClient({"bootstrap.servers": bootstrap})
    wanted = [NewTopic(topic, int(partitions), 1) for topic in topics]
    for future in admin.create_topics(wanted, request_timeout=WAIT_SECONDS).values():
        future.result()


def delete(bootstrap, *topics):
    admin = AdminClient({"bootstrap.servers": bootstrap})
    for future in admin.delete_topics(list(topics), request_timeout=WAIT_SECONDS).values():
        future.result()


def produce(bootstrap, codec):
    producer = Producer(
        {
            "bootstrap.servers": bootstrap,
            "compression.type": codec,
            "enable.idempotence": True,
            "linger.ms": 50,
        }
    )
    failures = []

    def delivered(record):
        def report(error, message):
            if error is not None:
                failures.append(error)
                return
            peer_records.write(
                message.topic(), message.partition(), message.offset(), message.timestamp()[1],
                record["key"], record["value"], record["headers"],
            )

        return report

    for record in peer_records.read():
        producer.produce(
            record["topic"], partition=record["partition"], key=record["key"], value=record["value"],
            headers=record["headers"], timestamp=record["timestamp"], on_delivery=delivered(record),
        )
    left = producer.flush(WAIT_SECONDS)
    if left or failures:
        sys.exit(f"{left} records unacknowledged, {len(failures)} refused: {failures[:3]}")


def write(message, **more):
    peer_records.write(
        message.topic(), message.partition(), message.offset(), message.timestamp()[1],
        message.key(), message.value(), message.headers() or [], **more,
    )


def consume(bootstrap, *topics):
    consumer = Consumer(
        {"bootstrap.servers": bootstrap, "group.id": "unused", "enable.auto.commit": False, "check.crcs": True,
         "enable.partition.eof": True}
    )
    metadata = consumer.list_topics(timeout=WAIT_SECONDS).topics
    open_partitions = {(topic, partition) for topic in topics for partition in metadata[topic].partitions}
    consumer.assign([TopicPartition(topic, partition, 0) for topic, partition in sorted(open_partitions)])
    while open_partitions:
        message = consumer.poll(WAIT_SECONDS)
        if message is None:
            sys.exit(f"nothing came; still open: {open_partitions}")
        if message.error():
            if message.error().code() != KafkaError._PARTITION_EOF:
                sys.exit(str(message.error()))
            open_partitions.discard((message.topic(), message.partition()))
        else:
            write(message)
    consumer.close()


def group(bootstrap, name, members, share, count, *topics):
    consumers = [
        Consumer(
            {"bootstrap.servers": bootstrap, "group.id": name, "client.id": f"member-{index}",
             "enable.auto.commit": False, "auto.offset.reset": "earliest", "session.timeout.ms": 6000}
        )
        for index in range(int(members))
    ]
    for consumer in consumers:
        consumer.subscribe(list(topics))
    left = int(count)
    ready = False
    while left > 0:
        for index, consumer in enumerate(consumers):
            message = consumer.poll(0.05)
            if message is None:
                continue
            if message.error():
                sys.exit(str(message.error()))
            write(message, member=index)
            left -= 1
        if not ready and all(len(consumer.assignment()) == int(share) for consumer in consumers):
            ready = True
            peer_records.say("ready")
    for consumer in consumers:
        # A member whose partitions were empty has nothing to commit.
        if any(place.offset >= 0 for place in consumer.position(consumer.assignment())):
            consumer.commit(asynchronous=False)
    for consumer in consumers:
        consumer.close()


def follow(bootstrap, topic, seconds):
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "followers", "auto.offset.reset": "earliest"})
    consumer.subscribe([topic])
    end = time.monotonic() + int(seconds)
    while time.monotonic() < end:
        message = consumer.poll(0.5)
        if message is None:
            continue
        if message.error():
            print(message.error(), file=sys.stderr, flush=True)
        else:
            write(message)
    consumer.close()


def admin(bootstrap, name):
    client = AdminClient({"bootstrap.servers": bootstrap})
    listed = client.list_consumer_groups(request_timeout=WAIT_SECONDS).result()
    described = client.describe_consumer_groups([name], request_timeout=WAIT_SECONDS)[name].result()
    asked = [ConsumerGroupTopicPartitions(name)]
    offsets = client.list_consumer_group_offsets(asked, request_timeout=WAIT_SECONDS)[name].result()
    print(
        json.dumps(
            {
                "groups": sorted(group.group_id for group in listed.valid),
                "state": described.state.name.replace("_", "").lower(),
                "protocol": described.partition_assignor,
                "members": [
                    {
                        "client": member.client_id,
                        "host": member.host,
                        "partitions": sorted([p.topic, p.partition] for p in member.assignment.topic_partitions),
                    }
                    for member in described.members
                ],
                "offsets": {f"{p.topic}-{p.partition}": p.offset for p in offsets.topic_partitions},
            }
        )
    )


def delete_groups(bootstrap, *names):
    client = AdminClient({"bootstrap.servers": bootstrap})
    outcomes = {}
    for name, future in client.delete_consumer_groups(list(names), request_timeout=WAIT_SECONDS).items():
        try:
            outcomes[name] = future.result()
        except KafkaException as error:
            outcomes[name] = error.args[0].name()
    print(json.dumps(outcomes))


if __name__ == "__main__":
    peer_records.end_after(60)
    commands = {
        "create": create, "delete": delete, "produce": produce, "consume": consume, "group": group, "follow": follow,
        "admin": admin, "delete-groups": delete_groups,
    }
    commands[sys.argv[1]](*sys.argv[2:])
