package import ConnectAPI
package import KafkaClient
package import KafkaTopics

/// Where a partition begins, which records before it are lost, and by which record its log is recognised.
package struct PartitionStart: Hashable, Sendable {
    /// The offsets that are known, and those that Kafka has.
    package struct Question: Hashable, Sendable {
        package var partition: TopicPartition
        /// What the sink knows.
        package var sink: SinkStart?
        /// What the consumer group committed.
        package var group: Int64?
        /// Where to begin if neither is known.
        package var reset: OffsetReset
        /// The first offset that Kafka still has.
        package var earliest: Int64
        /// The offset that the next record will get.
        package var latest: Int64
        /// The topic's id; `nil` where it is unknown.
        package var topicID: String?

        package init(
            _ partition: TopicPartition,
            sink: SinkStart?,
            group: Int64?,
            reset: OffsetReset,
            earliest: Int64,
            latest: Int64,
            topicID: String? = nil
        ) {
            self.partition = partition
            self.sink = sink
            self.group = group
            self.reset = reset
            self.earliest = earliest
            self.latest = latest
            self.topicID = topicID
        }
    }

    /// Why the partition cannot begin, and what to do.
    package struct Problem: Error, Hashable, Sendable {
        package let message: String
    }

    /// The first offset that is accounted for; records before `offset` are lost to retention.
    package let wanted: Int64

    /// The first offset that is handed over.
    package let offset: Int64

    /// The offset that the next record will get.
    package let end: Int64

    /// The record that is read first, to see that the log is still the one whose offsets the sink knows; `nil` where
    /// there is none.
    package let expected: RecordFingerprint?

    /// The offset at which reading begins: that of `expected`, where there is one.
    package var readFrom: Int64 { expected?.offset ?? offset }

    /// Decides, in the order sink, group, `auto.offset.reset`.
    ///
    /// - Throws: where the log is not the one that the sink or the group knows, or no offset is known and
    ///   `auto.offset.reset` is `none`.
    package init(_ question: Question) throws(Problem) {
        if let mismatch = question.sink?.mismatch(topicID: question.topicID, end: question.latest) {
            throw Problem(message: mismatch.message(of: question.partition))
        }
        end = question.latest
        guard let wanted = question.sink?.next ?? question.group else {
            switch question.reset {
            case .earliest: wanted = question.earliest
            case .latest: wanted = question.latest
            case .none:
                throw Problem(
                    message:
                        "neither the sink nor the group has an offset, and auto.offset.reset is none: set it to earliest or latest"
                )
            }
            offset = wanted
            expected = nil
            return
        }
        guard wanted <= question.latest else {
            throw Problem(
                message: """
                    the consumer group is up to offset \(wanted), but the partition ends at \(question.latest): the \
                    topic was deleted and made again, or lost its end. Reset the group's offset of this partition.
                    """
            )
        }
        self.wanted = wanted
        offset = max(wanted, question.earliest)
        // A record that retention removed cannot be compared.
        expected = question.sink?.fingerprint.flatMap { print in
            print.offset >= question.earliest && print.offset < wanted ? print : nil
        }
    }
}

extension SinkStart {
    /// How the topic with the id `topicID`, whose partition ends at `end`, differs from the log whose offsets these are;
    /// `nil` where it does not, as far as is known without reading the fingerprint's record.
    package func mismatch(topicID found: String?, end: Int64) -> LogMismatch? {
        if let topicID, let found, topicID != found { return .topicID(known: topicID, found: found) }
        if let next, next > end { return .end(wanted: next, end: end) }
        return nil
    }
}

/// How a log differs from the one whose offsets the sink knows.
package enum LogMismatch: Hashable, Sendable {
    case topicID(known: String, found: String)
    case end(wanted: Int64, end: Int64)
    case record(known: RecordFingerprint, found: RecordFingerprint)

    /// What is filed, and what the log has.
    package var fact: String {
        switch self {
        case .topicID(let known, let found):
            "the records that are filed came from the topic with the id \(known), and the topic now has the id "
                + "\(found): it was deleted and made again"
        case .end(let wanted, let end):
            "records are filed up to offset \(wanted), but the partition ends at \(end): the topic was deleted and "
                + "made again, or lost its end"
        case .record(let known, let found):
            "the record filed last, at offset \(known.offset), had \(Self.words(known)); now another record has "
                + "this offset, with \(Self.words(found)): the topic was deleted and made again, or lost its end"
        }
    }

    /// The same, and what to do.
    package func message(of partition: TopicPartition) -> String {
        """
        \(fact). Nothing more of this partition is filed until you decide. To file what it holds now beside what is \
        filed already: hera repair accept \(partition)
        """
    }

    private static func words(_ print: RecordFingerprint) -> String {
        "timestamp \(print.timestamp) and checksum \(print.checksum)"
    }
}
