"""confluent-kafka (librdkafka) as an administrator of the ingestor's topics. Each command prints what it learned.

    confluent_admin.py partitions BOOTSTRAP TOPIC COUNT
    confluent_admin.py alter BOOTSTRAP TOPIC NAME=VALUE...    one by one; without a value the default applies again
    confluent_admin.py replace BOOTSTRAP TOPIC NAME=VALUE...  the whole configuration
    confluent_admin.py configs BOOTSTRAP TOPIC                what was chosen for the topic, a setting a line
    confluent_admin.py node BOOTSTRAP                         the settings of the node, a name a line
    confluent_admin.py records BOOTSTRAP TOPIC OFFSET         deletes those of partition 0 before the offset
    confluent_admin.py cluster BOOTSTRAP                      the nodes, and what is allowed
    confluent_admin.py elect BOOTSTRAP TOPIC                  the outcome for partition 0
"""

import sys

from confluent_kafka import ElectionType, TopicPartition
from confluent_kafka.admin import (
    AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ConfigSource, NewPartitions,
)

import peer_records

WAIT_SECONDS = 30


def outcome(futures):
    return [future.result(WAIT_SECONDS) for future in futures.values()]


def resource(topic):
    return ConfigResource(ConfigResource.Type.TOPIC, topic)


def partitions(admin, topic, count):
    outcome(admin.create_partitions([NewPartitions(topic, int(count))]))


def alter(admin, topic, *settings):
    changed = resource(topic)
    for setting in settings:
        name, separator, value = setting.partition("=")
        operation = AlterConfigOpType.SET if separator else AlterConfigOpType.DELETE
        changed.add_incremental_config(ConfigEntry(name, value or None, incremental_operation=operation))
    outcome(admin.incremental_alter_configs([changed]))


def replace(admin, topic, *settings):
    changed = ConfigResource(ConfigResource.Type.TOPIC, topic, set_config=dict(s.split("=", 1) for s in settings))
    outcome(admin.alter_configs([changed]))


def configs(admin, topic):
    for entry in outcome(admin.describe_configs([resource(topic)]))[0].values():
        if ConfigSource(entry.source) == ConfigSource.DYNAMIC_TOPIC_CONFIG:
            peer_records.say(f"{entry.name}={entry.value}")


def node(admin):
    for name in outcome(admin.describe_configs([ConfigResource(ConfigResource.Type.BROKER, "0")]))[0]:
        peer_records.say(name)


def records(admin, topic, offset):
    for deleted in outcome(admin.delete_records([TopicPartition(topic, 0, int(offset))])):
        peer_records.say(str(deleted.low_watermark))


def cluster(admin):
    described = admin.describe_cluster(include_authorized_operations=True).result(WAIT_SECONDS)
    for node in described.nodes:
        peer_records.say(f"node {node.id}")
    peer_records.say(f"operations {len(described.authorized_operations)}")


def elect(admin, topic):
    elected = admin.elect_leaders(ElectionType.PREFERRED, [TopicPartition(topic, 0)]).result(WAIT_SECONDS)
    for failure in elected.values():
        peer_records.say(failure.name() if failure else "elected")


if __name__ == "__main__":
    peer_records.end_after(60)
    commands = {
        "partitions": partitions, "alter": alter, "replace": replace, "configs": configs, "node": node,
        "records": records, "cluster": cluster, "elect": elect,
    }
    commands[sys.argv[1]](AdminClient({"bootstrap.servers": sys.argv[2]}), *sys.argv[3:])
