"""kafka-python 2.0.2 as an administrator of the ingestor's topics.

The commands are those of confluent_admin.py that it has calls for: partitions, replace, configs, node, cluster.
"""

import sys

from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient, NewPartitions

import peer_records

DYNAMIC_TOPIC_CONFIG = 1


def partitions(admin, topic, count):
    admin.create_partitions({topic: NewPartitions(int(count))})


def replace(admin, topic, *settings):
    changed = ConfigResource(ConfigResourceType.TOPIC, topic, configs=dict(s.split("=", 1) for s in settings))
    for code, message, _, name in admin.alter_configs([changed]).resources:
        if code:
            sys.exit(f"{name}: {message}")


def entries(admin, kind, name):
    for answer in admin.describe_configs([ConfigResource(kind, name)]):
        for code, message, _, _, configs in answer.resources:
            if code:
                sys.exit(message)
            yield from configs


def configs(admin, topic):
    for name, value, _, source, *_ in entries(admin, ConfigResourceType.TOPIC, topic):
        if source == DYNAMIC_TOPIC_CONFIG:
            peer_records.say(f"{name}={value}")


def node(admin):
    for name, *_ in entries(admin, ConfigResourceType.BROKER, "0"):
        peer_records.say(name)


def cluster(admin):
    for broker in admin.describe_cluster()["brokers"]:
        peer_records.say(f"node {broker['node_id']}")


if __name__ == "__main__":
    peer_records.end_after(60)
    commands = {"partitions": partitions, "replace": replace, "configs": configs, "node": node, "cluster": cluster}
    client = KafkaAdminClient(bootstrap_servers=sys.argv[2])
    commands[sys.argv[1]](client, *sys.argv[3:])
    client.close()
