/// Where a partition begins, and what can no longer be had before it.
package struct PartitionStart: Hashable, Sendable {
    /// What was wanted and what there is.
    package struct Question: Hashable, Sendable {
        /// The sink's own opinion.
        package var sink: Int64?
        /// What the consumer group committed.
        package var group: Int64?
        /// Where to begin if neither is there.
        package var reset: OffsetReset
        /// The first offset that Kafka still has.
        package var earliest: Int64
        /// The offset that the next record will get.
        package var latest: Int64

        package init(sink: Int64?, group: Int64?, reset: OffsetReset, earliest: Int64, latest: Int64) {
            self.sink = sink
            self.group = group
            self.reset = reset
            self.earliest = earliest
            self.latest = latest
        }
    }

    /// Why there is no place to begin, for a person.
    package struct Problem: Error, Hashable, Sendable {
        package let message: String
    }

    /// The first offset that is accounted for; records before `offset` are lost to retention.
    package let wanted: Int64

    /// The first offset that is read.
    package let offset: Int64

    /// The offset that the next record will get: there is nothing to read from there on.
    package let end: Int64

    /// Decides, in the order sink, group, `auto.offset.reset`.
    ///
    /// - Throws: where the wanted place lies behind the end of the partition, or nobody knows a place and
    ///   `auto.offset.reset` is `none`.
    package init(_ question: Question) throws(Problem) {
        guard let wanted = question.sink ?? question.group else {
            switch question.reset {
            case .earliest: self.init(wanted: question.earliest, offset: question.earliest, end: question.latest)
            case .latest: self.init(wanted: question.latest, offset: question.latest, end: question.latest)
            case .none:
                throw Problem(
                    message: "nobody knows where to begin and auto.offset.reset is none: set it to earliest or latest"
                )
            }
            return
        }
        guard wanted <= question.latest else {
            let who = question.sink == nil ? "the consumer group is" : "the sink has filed"
            throw Problem(
                message: """
                    \(who) up to offset \(wanted), but the partition ends at \(question.latest): the topic was deleted \
                    and made again, or lost its end. File it under another connector name, or restore the topic.
                    """
            )
        }
        self.init(wanted: wanted, offset: max(wanted, question.earliest), end: question.latest)
    }

    private init(wanted: Int64, offset: Int64, end: Int64) {
        self.wanted = wanted
        self.offset = offset
        self.end = end
    }
}
