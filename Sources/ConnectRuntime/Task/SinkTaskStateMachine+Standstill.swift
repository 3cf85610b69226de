package import ConnectAPI
package import KafkaTopics

// Partitions that stand though records lie behind their position: a batch that librdkafka cannot read, a broker that
// does not answer, a transaction that does not end.
extension SinkTaskStateMachine {
    /// How often positions are held against the ends of their partitions, in milliseconds.
    package static let observationMilliseconds: Int64 = 10_000

    /// For how long a position may stand while records lie behind it before the cluster is asked about it, in
    /// milliseconds.
    package static let standstillMilliseconds: Int64 = 60_000

    /// The longest wait between two such questions, in milliseconds.
    package static let standstillWaitMillisecondsMax: Int64 = 240_000

    /// The partitions whose records are awaited.
    package var awaited: [TopicPartition] {
        partitions.filter { $0.value.phase == .running }.keys.sorted()
    }

    /// Where partitions end, as the consumer last heard.
    ///
    /// - Returns: those that have stood for so long that the cluster is to be asked where they end.
    package mutating func observed(
        _ highWatermarks: [TopicPartition: Int64],
        now: MonotonicTime
    ) -> [TopicPartition] {
        var suspects: [TopicPartition] = []
        for partition in awaited {
            guard var owned = partitions[partition], let position = owned.position else { continue }
            owned.highWatermark = highWatermarks[partition] ?? owned.highWatermark
            if position >= owned.highWatermark ?? 0 {
                owned.standstill = nil
            } else if let standstill = owned.standstill, standstill.position == position {
                if standstill.askAt <= now { suspects.append(partition) }
            } else {
                owned.standstill = OwnedPartition.Standstill(
                    position: position,
                    since: now,
                    askAt: now.advanced(byMilliseconds: Self.standstillMilliseconds),
                    wait: Self.standstillMilliseconds
                )
            }
            partitions[partition] = owned
        }
        return suspects
    }

    /// The cluster said where a partition ends for those who read only what is committed; `nil`: it did not answer.
    ///
    /// - Returns: where the partition stands, the first time that this is certain.
    package mutating func answered(_ partition: TopicPartition, end: Int64?, now: MonotonicTime) -> Int64? {
        guard var owned = partitions[partition], var standstill = owned.standstill else { return nil }
        defer { partitions[partition] = owned }
        if let end, end <= standstill.position {
            // What lies behind belongs to a transaction that is still open.
            owned.standstill = nil
            return nil
        }
        let isNew = !standstill.isStalled
        standstill.isStalled = true
        standstill.askAt = now.advanced(byMilliseconds: standstill.wait)
        standstill.wait = min(standstill.wait * 2, Self.standstillWaitMillisecondsMax)
        owned.standstill = standstill
        return isNew ? standstill.position : nil
    }

    /// Whether records lie behind the partition's position and none of them comes.
    package func isStalled(_ partition: TopicPartition) -> Bool {
        partitions[partition]?.standstill?.isStalled == true
    }

    /// A partition that stands is taken over anew: a person may have stepped over the batch in another process, which a
    /// task that has nothing to commit does not notice.
    package mutating func takeOverAnew(_ partition: TopicPartition, now: MonotonicTime) -> [SinkTaskAction] {
        guard end == nil, partitions[partition]?.phase == .running else { return [] }
        partitions[partition]?.expected = nil
        partitions[partition]?.phase = .waiting(until: now.advanced(byMilliseconds: RetryPolicy.delayMillisecondsMin))
        return [.pause([partition]), .close([partition], .handedOver)]
    }

    /// The consumer cannot read `partition` at the moment, and tries again by itself.
    ///
    /// - Returns: whether this is news.
    package mutating func readingFailed(_ partition: TopicPartition, _ reason: String) -> Bool {
        guard partitions[partition]?.phase == .running, partitions[partition]?.readError != reason else {
            return false
        }
        partitions[partition]?.readError = reason
        return true
    }

    /// What the status says of a partition that stands.
    static func words(_ partition: TopicPartition, _ owned: OwnedPartition, since minutes: Int64) -> String {
        let cause = owned.readError.map { " (\($0))" } ?? ""
        return """
            nothing has come from offset \(owned.position ?? 0) on for \(minutes) minutes, though the topic has records \
            up to offset \(owned.highWatermark ?? 0)\(cause): the batch there cannot be read, or its broker does not \
            answer. To step over a batch that cannot be read: hera repair skip \(partition)
            """
    }
}
