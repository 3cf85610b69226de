"""Writes kafka-messages.txt: every message of the protocol that the ingestor speaks, in every version, as an
independent implementation encodes it.

Run with kio 0.6.5 and kafka-python 2.0.2 (the versions that kio does not know):

    python Tests/Golden/encode-messages.py > Tests/Golden/kafka-messages.txt

The fields of a message are filled in the order of the wire: the n-th value is n in a number (n % 100 in an int8) and
in a UUID, "sn" in a string, "bn" in bytes, true in a bool, error 3 in an error code. There are three samples of each:

    full    arrays have two elements, nothing is null
    nulls   arrays have one element, what can be null is null
    empty   arrays, strings and bytes are empty
"""

import dataclasses
import datetime
import importlib
import io
import types
import typing
import uuid

from kio.schema.errors import ErrorCode
from kio.serial import entity_writer
from kio.static.primitive import Records

APIS = {
    "produce": ("produce", 0, 13),
    "fetch": ("fetch", 4, 17),
    "listOffsets": ("list_offsets", 1, 10),
    "metadata": ("metadata", 0, 13),
    "offsetCommit": ("offset_commit", 2, 10),
    "offsetFetch": ("offset_fetch", 1, 10),
    "findCoordinator": ("find_coordinator", 0, 6),
    "joinGroup": ("join_group", 0, 9),
    "heartbeat": ("heartbeat", 0, 4),
    "leaveGroup": ("leave_group", 0, 5),
    "syncGroup": ("sync_group", 0, 5),
    "describeGroups": ("describe_groups", 0, 6),
    "listGroups": ("list_groups", 0, 5),
    "apiVersions": ("api_versions", 0, 4),
    "createTopics": ("create_topics", 2, 7),
    "deleteTopics": ("delete_topics", 1, 6),
    "deleteRecords": ("delete_records", 0, 2),
    "initProducerID": ("init_producer_id", 0, 5),
    "offsetForLeaderEpoch": ("offset_for_leader_epoch", 2, 4),
    "describeConfigs": ("describe_configs", 1, 4),
    "alterConfigs": ("alter_configs", 0, 2),
    "alterReplicaLogDirs": ("alter_replica_log_dirs", 1, 2),
    "describeLogDirs": ("describe_log_dirs", 1, 4),
    "createPartitions": ("create_partitions", 0, 3),
    "deleteGroups": ("delete_groups", 0, 2),
    "electLeaders": ("elect_leaders", 0, 2),
    "incrementalAlterConfigs": ("incremental_alter_configs", 0, 1),
    "alterPartitionReassignments": ("alter_partition_reassignments", 0, 0),
    "listPartitionReassignments": ("list_partition_reassignments", 0, 0),
    "offsetDelete": ("offset_delete", 0, 0),
    "describeCluster": ("describe_cluster", 0, 2),
    "describeProducers": ("describe_producers", 0, 0),
    "consumerGroupHeartbeat": ("consumer_group_heartbeat", 0, 1),
    "consumerGroupDescribe": ("consumer_group_describe", 0, 1),
    "listConfigResources": ("list_config_resources", 0, 1),
    "describeTopicPartitions": ("describe_topic_partitions", 0, 0),
}

ELEMENTS = {"full": 2, "nulls": 1, "empty": 0}
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


class Filler:
    def __init__(self, sample):
        self.sample = sample
        self.count = 0

    def next(self):
        self.count += 1
        return self.count

    def text(self, prefix):
        n = self.next()
        return "" if self.sample == "empty" else f"{prefix}{n}"

    def message(self, cls):
        hints = typing.get_type_hints(cls)
        values = {}
        for field in dataclasses.fields(cls):
            if "tag" not in field.metadata:
                values[field.name] = self.value(hints[field.name], field.metadata.get("kafka_type"))
        return cls(**values)

    def value(self, hint, kafka_type):
        arguments = typing.get_args(hint)
        if typing.get_origin(hint) in (typing.Union, types.UnionType):
            # kio has null for the time -1 and for the UUID of zeros, which are no null on the wire.
            if self.sample == "nulls" and kafka_type not in ("datetime_i64", "uuid"):
                return None
            hint = next(a for a in arguments if a is not type(None))
            arguments = typing.get_args(hint)
        if typing.get_origin(hint) is tuple:
            return tuple(self.value(arguments[0], kafka_type) for _ in range(ELEMENTS[self.sample]))
        if dataclasses.is_dataclass(hint):
            return self.message(hint)
        return self.primitive(kafka_type)

    def primitive(self, kafka_type):
        match kafka_type:
            case "string":
                return self.text("s")
            case "bytes":
                return self.text("b").encode()
            case "records":
                return Records(self.text("b").encode())
            case "bool":
                self.next()
                return True
            case "error_code":
                self.next()
                return ErrorCode(3)
            case "timedelta_i32" | "timedelta_i64":
                return datetime.timedelta(milliseconds=self.next())
            case "datetime_i64":
                return EPOCH + datetime.timedelta(milliseconds=self.next())
            case "uuid":
                return uuid.UUID(int=self.next())
            case "int8":
                return self.next() % 100
            case "int16" | "int32" | "int64":
                return self.next()
        raise ValueError(kafka_type)


def by_kio(module, version, direction, sample):
    schema = importlib.import_module(f"kio.schema.{module}.v{version}.{direction}")
    cls = next(
        c for c in vars(schema).values()
        if dataclasses.is_dataclass(c) and getattr(c, "__type__", None) is not None
        and c.__type__.name == direction and c.__module__ == schema.__name__
    )
    out = io.BytesIO()
    entity_writer(cls)(out, Filler(sample).message(cls))
    return out.getvalue()


def by_kafka_python(version, direction, sample):
    from kafka.protocol import produce, types as wire

    filler = Filler(sample)

    def fill(kind):
        if isinstance(kind, wire.Array):
            return [fill(kind.array_of) for _ in range(ELEMENTS[sample])]
        if isinstance(kind, wire.Schema):
            values = []
            for name, field in zip(kind.names, kind.fields):
                values.append(3 if name == "error_code" and filler.next() else fill(field))
            return tuple(values)
        if isinstance(kind, wire.String):
            return filler.text("s")
        if kind is wire.Bytes:
            return None if sample == "nulls" else filler.text("b").encode()
        return filler.next()

    classes = produce.ProduceRequest if direction == "request" else produce.ProduceResponse
    cls = classes[version]
    message = cls(*fill(cls.SCHEMA))
    return message.encode()


def main():
    print("# Made by encode-messages.py, which says what is in it: API, direction, version, sample, bytes.")
    for api, (module, first, last) in APIS.items():
        for direction in ("request", "response"):
            for version in range(first, last + 1):
                for sample in ELEMENTS:
                    if api == "produce" and version < 3:
                        encoded = by_kafka_python(version, direction, sample)
                    else:
                        encoded = by_kio(module, version, direction, sample)
                    print(api, direction, version, sample, encoded.hex() or "-")


main()
