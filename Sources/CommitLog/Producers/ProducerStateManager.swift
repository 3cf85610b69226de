package import KafkaProtocol

/// Detects batches that idempotent producers send twice, and gaps in their sequence numbers (KIP-98).
///
/// A pure value: the log asks ``check()`` before it appends and calls ``record(_:at:)`` after. Both the same for
/// batches that recovery reads back, so the state is a function of the log, as far as producers are not forgotten.
package struct ProducerStateManager: Hashable, Sendable {
    /// What to do with a batch.
    package enum Decision: Hashable, Sendable {
        case append
        /// It is in the log already: acknowledge it again, append nothing.
        case duplicate(ProducerBatch)
    }

    /// By producer id.
    package private(set) var producers: [Int64: ProducerState]
    private let producersMax: Int

    package init(_ producers: [Int64: ProducerState] = [:], producersMax: Int = LogLimits.producersMax) {
        self.producers = producers
        self.producersMax = producersMax
    }

    /// What to do with a batch that a producer sent.
    ///
    /// The first batch of an unknown producer is accepted with any sequence number: the producer may have been
    /// forgotten, by retention or expiration, and continues where it was (KIP-360).
    ///
    /// - Throws: ``LogError/Code/invalidProducerEpoch`` or ``LogError/Code/outOfOrderSequence``.
    package func check(_ header: RecordBatchHeader) throws(LogError) -> Decision {
        guard header.hasProducerID, let state = producers[header.producerID] else { return .append }
        if header.producerEpoch < state.epoch {
            throw LogError(
                .invalidProducerEpoch,
                "producer \(header.producerID) sent a batch of epoch \(header.producerEpoch), but epoch "
                    + "\(state.epoch) has begun: another producer took its place. Start it again"
            )
        }
        guard header.producerEpoch == state.epoch, let newest = state.batches.last else {
            if header.baseSequence == 0 || state.mayMissBatches { return .append }
            throw Self.outOfOrder(header, expected: 0)
        }
        let duplicate = state.batches.last {
            $0.baseSequence == header.baseSequence && $0.lastSequence == header.lastSequence
        }
        if let duplicate { return .duplicate(duplicate) }
        let expected = RecordBatchHeader.sequence(newest.lastSequence, advancedBy: 1)
        guard header.baseSequence == expected || state.mayMissBatches else {
            throw Self.outOfOrder(header, expected: expected)
        }
        return .append
    }

    /// Records a batch that was appended; `header` has the base offset that the log assigned.
    package mutating func record(_ header: RecordBatchHeader, at milliseconds: Int64) {
        guard header.hasProducerID else { return }
        let batch = ProducerBatch(
            baseSequence: header.baseSequence,
            lastSequence: header.lastSequence,
            baseOffset: header.baseOffset,
            lastOffset: header.lastOffset
        )
        if producers[header.producerID] == nil, producers.count >= producersMax { evictLeastRecentlyActive() }
        producers[
            header.producerID,
            default: ProducerState(epoch: header.producerEpoch, batches: [], lastAppendMilliseconds: 0)
        ].append(batch, epoch: header.producerEpoch, at: milliseconds)
    }

    /// The log lost its end, and possibly batches of any producer.
    package mutating func expectLoss() {
        for id in producers.keys { producers[id]?.mayMissBatches = true }
    }

    /// Removes producers that have appended nothing since `milliseconds`.
    package mutating func expire(inactiveSince milliseconds: Int64) {
        guard producers.values.contains(where: { $0.lastAppendMilliseconds <= milliseconds }) else { return }
        producers = producers.filter { $0.value.lastAppendMilliseconds > milliseconds }
    }

    /// Evicts a tenth of the limit at a time, so that the cost is shared by that many producers.
    private mutating func evictLeastRecentlyActive() {
        let times = producers.values.map(\.lastAppendMilliseconds).sorted()
        let share = max(1, producersMax / 10)
        let threshold = times[min(share, times.count) - 1]
        var left = share
        producers = producers.filter { _, state in
            guard left > 0, state.lastAppendMilliseconds <= threshold else { return true }
            left -= 1
            return false
        }
    }

    private static func outOfOrder(_ header: RecordBatchHeader, expected: Int32) -> LogError {
        LogError(
            .outOfOrderSequence,
            "producer \(header.producerID) sent sequence number \(header.baseSequence) where \(expected) follows: "
                + "a batch before it is missing"
        )
    }
}

extension ProducerState {
    fileprivate mutating func append(_ batch: ProducerBatch, epoch newEpoch: Int16, at milliseconds: Int64) {
        if newEpoch != epoch {
            epoch = newEpoch
            batches.removeAll(keepingCapacity: true)
        }
        if batches.count == LogLimits.producerBatchesMax { batches.removeFirst() }
        batches.append(batch)
        lastAppendMilliseconds = milliseconds
        mayMissBatches = false
    }
}

/// The state of one idempotent producer.
package struct ProducerState: Hashable, Sendable {
    /// The newest epoch seen; a producer with an older one is fenced.
    package var epoch: Int16
    /// The newest batches, oldest first, at most ``LogLimits/producerBatchesMax``; never empty.
    package var batches: [ProducerBatch]
    /// When the newest batch was appended, in ms since 1970, by the clock of this machine.
    package var lastAppendMilliseconds: Int64
    /// Whether the log lost its end since, and batches of the producer with it. The next one need not follow the newest one
    /// that is known: the batches between are gone and cannot be sent again.
    package var mayMissBatches = false
}

/// What identifies a duplicate of a producer's batch.
package struct ProducerBatch: Hashable, Sendable {
    /// The sequence number of its first record.
    package let baseSequence: Int32
    /// The sequence number of its last record; less than the first one where the numbers wrapped around to 0.
    package let lastSequence: Int32
    /// The offset that the log gave its first record.
    package let baseOffset: Int64
    /// The offset of its last record.
    package let lastOffset: Int64
}
