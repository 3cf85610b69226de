"""Members of a group of Kafka's newer protocol (KIP-848) by confluent-kafka, each a process of its own.

    confluent_new_protocol.py member BOOTSTRAP GROUP SUBSCRIPTION PROTOCOL [INSTANCE]
                                                                says `has N` when it has N partitions, and writes each
                                                                record when its offset is committed; ends on SIGTERM
    confluent_new_protocol.py life BOOTSTRAP TOPIC
    confluent_new_protocol.py pattern BOOTSTRAP PREFIX
    confluent_new_protocol.py roll BOOTSTRAP ASSIGNOR

`life`: three members share the six partitions of a topic, one of them is killed, the others stop, and a fourth goes on.
`pattern`: a member reads by a regular expression, also a topic that comes later.
`roll`: three members of the classic protocol with this assignor are replaced one by one with members of the newer one, and
back again, while records come; with `static` before the assignor's name they have instance ids.
All print what was read as JSON. PROTOCOL is `consumer`, or an assignor of the classic protocol.
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
            # The epoch or generation of the member has changed meanwhile, and it is about to learn the new one; or the group
            # waits for the assignment of its leader. It gives its partitions up in a poll only.
            if error.args[0].name() not in ("STALE_MEMBER_EPOCH", "ILLEGAL_GENERATION", "REBALANCE_IN_PROGRESS"):
                print(error, file=sys.stderr, flush=True)
                return False
            time.sleep(0.05)


def settings(protocol, instance):
    own = {"group.protocol": "consumer"}
    if protocol != "consumer":
        own = {"group.protocol": "classic", "partition.assignment.strategy": protocol, "session.timeout.ms": 15000,
               "heartbeat.interval.ms": 200}
    return {**own, "group.instance.id": instance} if instance else own


def member(bootstrap, group, subscription, protocol, instance=None):
    going = True

    def stop(*_):
        nonlocal going
        going = False

    signal.signal(signal.SIGTERM, stop)
    consumer = Consumer(
        {"bootstrap.servers": bootstrap, "group.id": group, "auto.offset.reset": "earliest", "enable.auto.commit": False,
         "topic.metadata.refresh.interval.ms": 500, **settings(protocol, instance)}
    )
    # With a callback partitions are only given up in a poll, so never between a record and its commit.
    consumer.subscribe([subscription], on_revoke=lambda *_: None)
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
        self.group = group
        self.processes = []
        self.has = {}
        self.read = collections.Counter()
        self.lines = queue.Queue()

    def start(self, count=1, protocol="consumer", instances=()):
        for number in range(count):
            process = subprocess.Popen(
                [*self.arguments, protocol, *instances[number:number + 1]], stdout=subprocess.PIPE, text=True
            )
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


class Stream:
    """Records that come all the time until they are stopped."""

    def __init__(self, bootstrap, topic, partitions):
        self.count = 0
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self.run, args=(bootstrap, topic, partitions), daemon=True)
        self.thread.start()

    def run(self, bootstrap, topic, partitions):
        producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 5})
        while not self.is_over.wait(0.01):
            producer.produce(topic, value=str(self.count), partition=self.count % partitions)
            self.count += 1
        if producer.flush(WAIT_SECONDS):
            print("records were not acknowledged", file=sys.stderr, flush=True)

    def stop(self):
        self.is_over.set()
        self.thread.join(WAIT_SECONDS)
        return self.count


def type_of(bootstrap, group):
    admin = AdminClient({"bootstrap.servers": bootstrap})
    listed = admin.list_consumer_groups().result().valid
    return next(known.type.name for known in listed if known.group_id == group)


def roll(bootstrap, *words):
    assignor = words[-1]
    instances = ["one", "two", "three"] if len(words) > 1 else []
    topic = "rolled"
    create(bootstrap, topic, 6)
    members = Members(bootstrap, "roll", topic)
    members.start(3, assignor, instances)
    members.wait_for_shares(2, 2, 2)
    stream = Stream(bootstrap, topic, 6)
    types = [type_of(bootstrap, members.group)]
    try:
        for protocol in ["consumer", assignor]:
            for number in range(3):
                members.end(members.processes[0], signal.SIGTERM)
                members.start(1, protocol, instances[number:])
                members.wait_for_shares(2, 2, 2)
                types.append(type_of(bootstrap, members.group))
    finally:
        count = stream.stop()
    members.wait_for_records(count)
    members.end_all()
    print(json.dumps({**members.summary(), "sent": count, "types": types}))


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
    commands = {"member": member, "life": life, "pattern": pattern, "roll": roll}
    commands[sys.argv[1]](*sys.argv[2:])
