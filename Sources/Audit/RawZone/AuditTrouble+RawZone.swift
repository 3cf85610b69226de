import KafkaTopics
import Storage

extension AuditTrouble {
    /// A file of another name in the directory of `topic`.
    static func strangeName(_ path: StoragePath, _ topic: String) -> AuditTrouble {
        AuditTrouble(
            .fileForeign,
            topic: topic,
            path: path.string,
            what: "the name is none of a file of this topic, and everybody who reads the topic reads it",
            advice: "move it out of the raw zone"
        )
    }

    /// A directory in the directory of `topic` that looks like a file.
    static func directoryWithNameOfFile(_ path: StoragePath, _ topic: String) -> AuditTrouble {
        AuditTrouble(
            .fileForeign,
            topic: topic,
            path: path.string,
            what: "the name is that of a file, and it is a directory: the connector can never give a file this name",
            advice: "move it out of the raw zone"
        )
    }

    /// A name in the directory of a topic that leads to no file.
    static func nothingBehind(_ path: StoragePath, _ partition: TopicPartition) -> AuditTrouble {
        AuditTrouble(
            .fileForeign,
            topic: partition.topic,
            partition: partition.partition,
            path: path.string,
            what:
                "there is no file behind this name: it is a symbolic link that leads to none, or was removed just now",
            advice: "remove the link; where the file is missing, restore it from a backup"
        )
    }
}
