import KafkaTopics

/// Why nothing was repaired, for people.
package struct RepairError: Error, Hashable, CustomStringConvertible {
    package let description: String

    static func notThere(_ partition: TopicPartition) -> RepairError {
        RepairError(description: "\(partition) is not in Kafka; `hera topics list` shows what is")
    }

    static func neverFiled(_ partition: TopicPartition) -> RepairError {
        RepairError(
            description: "nothing of \(partition) was ever filed by this connector, so there is nothing to accept"
        )
    }

    static func inOrder(_ partition: TopicPartition) -> RepairError {
        RepairError(description: "\(partition) is what was filed: there is nothing to accept")
    }

    static func newer(_ partition: TopicPartition, _ reason: String) -> RepairError {
        RepairError(description: "\(partition): \(reason); run that version, or a later one")
    }

    static func needsBackup(_ partition: TopicPartition, _ why: String) -> RepairError {
        RepairError(description: "\(partition): \(why); restore the commit record from a backup")
    }

    static func notFurther(_ partition: TopicPartition, to: Int64, from: Int64, end: Int64) -> RepairError {
        RepairError(
            description:
                "--to \(to): \(partition) stands at offset \(from) and ends at \(end); name an offset behind the first "
                + "and not behind the second"
        )
    }

    static func nothingReadable(_ partition: TopicPartition, from: Int64) -> RepairError {
        RepairError(
            description:
                "no offset of \(partition) behind \(from) can be read so far; name one with --to, or see whether the "
                + "brokers serve"
        )
    }

    static func moved(_ partition: TopicPartition) -> RepairError {
        RepairError(
            description: "\(partition) was filed further meanwhile; nothing was changed, run `hera repair list` again"
        )
    }
}
