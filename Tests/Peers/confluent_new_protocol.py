"""Members of a group of Kafka's newer protocol (KIP-848) by confluent-kafka, each a process of its own.

    confluent_new_protocol.py member BOOTSTRAP GROUP SUBSCRIPTION    says `has N` when it has N partitions, and writes each
                                                                record when its offset is committed; ends on SIGTERM
    confluent_new_protocol.py life BOOTSTRAP TOPIC
    confluent_new_protocol.py pattern BOOTSTRAP PREFIX

`life`: three members share the six partitions of a topic, one of them is killed, the others stop, and a fourth goes on.
`pattern`: a member reads by a regular expression, also a topic that comes later. Both print what was read as JSON.
"""

import collections
import json
import queue
import signal
import subprocess
import sys
import threading
import time

from confluent_kafka import Consumer, KafkaException, Producer
from confluent_kafka.admin import AdminClient, NewTopic

import peer_records

WAIT_SECONDS = 60


def commits(consumer, message):
    """Whether the offset is committed: not where the member has lost the partition, which another one reads on then."""
    while True:
        try:
            consumer.commit(message=message, asynchronous=False)
            return True
        except KafkaException as error:
            # The epoch of the member has changed meanwhile: the next heartbeat brings the new one.
            if error.args[0].name() != "STALE_MEMBER_EPOCH":
                print(error, file=sys.stderr, flush=True)
                return False
            time.sleep(0.05)


def member(bootstrap, group, subscription):
    going = True

    def stop(*_):
        nonlocal going
        going = False

    signal.signal(signal.SIGTERM, stop)
    consumer = Consumer(
        {"bootstrap.servers": bootstrap, "group.id": group, "group.protocol": "consumer", "auto.offset.reset": "earliest",
         "enable.auto.commit": False, "topic.metadata.refresh.interval.ms": 500}
    )
    consumer.subscribe([subscription])
    count = 0
    while going:
        message = consumer.poll(0.1)
        if len(consumer.assignment()) != count:
            count = len(consumer.assignment())
            peer_records.say(f"has {count}")
        if message is None:
            continue
        if message.error():
            print(message.error(), file=sys.stderr, flush=True)
            continue
        if commits(consumer, message):
            peer_records.say(f"read {message.topic()} {message.partition()} {message.offset()}")
    consumer.close()


class Members:
    """Processes of members, and what they have said."""

    def __init__(self, bootstrap, group, subscription):
        self.arguments = [sys.executable, __file__, "member", bootstrap, group, subscription]
        self.processes = []
        self.has = {}
        self.read = collections.Counter()
        self.lines = queue.Queue()

    def start(self, count=1):
        for _ in range(count):
            process = subprocess.Popen(self.arguments, stdout=subprocess.PIPE, text=True)
            self.processes.append(process)
            self.has[process] = 0
            threading.Thread(target=self.follow, args=(process,), daemon=True).start()

    def follow(self, process):
        for line in process.stdout:
            self.lines.put((process, line.split()))

    def wait(self, what, is_done):
        end = time.monotonic() + WAIT_SECONDS
        while not is_done():
            try:
                process, words = self.lines.get(timeout=max(0, end - time.monotonic()))
            except queue.Empty:
                sys.exit(f"{what}: members have {list(self.has.values())}, {sum(self.read.values())} records were read")
            if words[0] == "has":
                # What a member that has ended said before does not count.
                if process in self.has:
                    self.has[process] = int(words[1])
            else:
                self.read[tuple(words[1:])] += 1

    def wait_for_shares(self, *shares):
        self.wait(f"shares of {shares}", lambda: sorted(self.has.values()) == sorted(shares))

    def wait_for_records(self, count):
        self.wait(f"{count} records", lambda: len(self.read) >= count)

    def end(self, process, signal_number):
        process.send_signal(signal_number)
        process.wait(WAIT_SECONDS)
        self.processes.remove(process)
        del self.has[process]

    def end_all(self):
        for process in list(self.processes):
            self.end(process, signal.SIGTERM)

    def summary(self):
        return {"records": len(self.read), "twice": sum(count > 1 for count in self.read.values())}


def create(bootstrap, topic, partitions):
    admin = AdminClient({"bootstrap.servers": bootstrap})
    admin.create_topics([NewTopic(topic, partitions, 1)])[topic].result()


def produce(bootstrap, topic, partitions, count):
    producer = Producer({"bootstrap.servers": bootstrap})
    for number in range(count):
        producer.produce(topic, value=str(number), partition=number % partitions)
    if producer.flush(WAIT_SECONDS):
        sys.exit("records were not acknowledged")


def life(bootstrap, topic):
    create(bootstrap, topic, 6)
    members = Members(bootstrap, "life", topic)
    members.start(3)
    members.wait_for_shares(2, 2, 2)
    produce(bootstrap, topic, 6, 60)
    members.wait_for_records(60)
    members.end(members.processes[0], signal.SIGKILL)
    members.wait_for_shares(3, 3)
    produce(bootstrap, topic, 6, 60)
    members.wait_for_records(120)
    members.end_all()
    members.start()
    members.wait_for_shares(6)
    produce(bootstrap, topic, 6, 12)
    members.wait_for_records(132)
    admin = AdminClient({"bootstrap.servers": bootstrap})
    listed = admin.list_consumer_groups().result().valid
    groups = {group.group_id: [group.type.name, group.state.name] for group in listed}
    members.end_all()
    print(json.dumps({**members.summary(), "groups": groups}))


def pattern(bootstrap, prefix):
    create(bootstrap, f"{prefix}-1", 2)
    create(bootstrap, "other", 2)
    members = Members(bootstrap, "pattern", f"^{prefix}-[0-9]+")
    members.start()
    members.wait_for_shares(2)
    create(bootstrap, f"{prefix}-2", 3)
    members.wait_for_shares(5)
    for topic, partitions in [(f"{prefix}-1", 2), (f"{prefix}-2", 3), ("other", 2)]:
        produce(bootstrap, topic, partitions, 6)
    members.wait_for_records(12)
    members.end_all()
    print(json.dumps(members.summary()))


if __name__ == "__main__":
    peer_records.end_after(240)
    commands = {"member": member, "life": life, "pattern": pattern}
    commands[sys.argv[1]](*sys.argv[2:])
