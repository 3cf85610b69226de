package import KafkaTopics
import Synchronization

/// Which records of one batch were acknowledged and which failed, aggregated by partition and cause.
package struct DeliveryReport: Sendable {
    /// Records of one partition that one answer of a broker acknowledged.
    package struct Acknowledgement: Hashable, Sendable {
        package let topicPartition: TopicPartition
        /// How many records.
        package let count: Int
        /// The offset of the first of them, in the order of the batch; -1 with `acks=0`.
        package let firstOffset: Int64
        /// The offset of the last of them.
        package let lastOffset: Int64
        /// From the moment the producer took the records to the acknowledgement.
        package let latency: Duration
    }

    /// Records that were refused, given up or left behind for one reason.
    package struct Failure: Hashable, Sendable {
        package let error: KafkaClientError
        /// Their numbers in the batch, from 0.
        package var records: [Int]
    }

    /// How many records the batch had.
    package let records: Int
    package fileprivate(set) var acknowledgements: [Acknowledgement] = []
    package fileprivate(set) var failures: [Failure] = []

    /// How many records are acknowledged.
    package var acknowledgedCount: Int { acknowledgements.reduce(0) { $0 + $1.count } }
    /// How many records failed.
    package var failedCount: Int { failures.reduce(0) { $0 + $1.records.count } }
    /// Whether every record is acknowledged.
    package var isComplete: Bool { acknowledgedCount == records }

    /// How many records each partition acknowledged.
    package var acknowledgedByPartition: [TopicPartition: Int] {
        acknowledgements.reduce(into: [:]) { counts, each in counts[each.topicPartition, default: 0] += each.count }
    }
}

/// A batch in flight, whose report is there once every record is settled.
package final class BatchDelivery: Sendable {
    private struct State {
        var report: DeliveryReport?
        var waiters: [OneAnswer<DeliveryReport?>] = []
    }

    private let state = Mutex(State())
    /// How many records the batch has.
    package let records: Int

    init(records: Int) {
        self.records = records
    }

    /// The report, once every record is acknowledged or has failed; `nil` before.
    package var settledReport: DeliveryReport? { state.withLock { $0.report } }

    /// Waits until every record is acknowledged or has failed; may be asked any number of times.
    ///
    /// Bounded by the producer's `message.timeout.ms`. Errors of records are in the report.
    ///
    /// - Throws: only `cancelled`, where this task is cancelled before: the records stay on their way.
    package func report() async throws(KafkaClientError) -> DeliveryReport {
        let waiter = OneAnswer<DeliveryReport?>()
        let settled = state.withLock { state -> DeliveryReport? in
            if state.report == nil { state.waiters.append(waiter) }
            return state.report
        }
        if let settled { return settled }
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in waiter.ask(continuation) }
        } onCancel: {
            waiter.answer(nil)
        }
        guard let answer else {
            throw .cancelled(
                "see \(records) records acknowledged",
                "they may or may not be written; shut the producer down to learn which were"
            )
        }
        return answer
    }

    /// Gives the report to all who wait.
    func settle(_ report: DeliveryReport) {
        let waiters = state.withLock { state in
            precondition(state.report == nil, "BatchDelivery: settled twice")
            state.report = report
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.answer(report) }
    }
}

/// Which batches of a producer are in flight, and which of their records are settled. Pure.
///
/// A record carries its place (number of its batch's entry here, number in the batch) through librdkafka in the 64 bits
/// of its opaque pointer, so it needs no memory of its own.
struct DeliveryLedger {
    /// Where a record belongs: `entry` in the upper, `record` in the lower 32 bits.
    struct Place: Equatable {
        let entry: UInt32
        let record: UInt32

        init(entry: UInt32, record: Int) {
            self.entry = entry
            self.record = UInt32(record)
        }

        init(opaque: UnsafeMutableRawPointer?) {
            let bits = UInt(bitPattern: opaque)
            entry = UInt32(truncatingIfNeeded: bits >> 32)
            record = UInt32(truncatingIfNeeded: bits)
        }

        /// A number in place of a pointer: librdkafka returns it and never dereferences it.
        var opaque: UnsafeMutableRawPointer? {
            UnsafeMutableRawPointer(bitPattern: UInt(entry) << 32 | UInt(record))
        }
    }

    /// A batch whose last record is settled.
    struct Settled {
        let delivery: BatchDelivery
        let report: DeliveryReport
    }

    private struct Entry {
        let delivery: BatchDelivery
        var report: DeliveryReport
        var open: Int
    }

    private var entries: [Entry?] = []
    private var free: [UInt32] = []
    /// How many records librdkafka has, or is being given.
    private(set) var inFlight = 0
    /// How many records were acknowledged, and how many have failed, since the producer was made.
    private(set) var totals = DeliveryTotals()
    /// How many batches are not settled.
    var openBatches: Int { entries.count - free.count }

    /// Adds a batch that has at least one record.
    mutating func open(_ delivery: BatchDelivery) -> UInt32 {
        let entry = Entry(
            delivery: delivery,
            report: DeliveryReport(records: delivery.records),
            open: delivery.records
        )
        if let number = free.popLast() {
            entries[Int(number)] = entry
            return number
        }
        entries.append(entry)
        return UInt32(entries.count - 1)
    }

    /// librdkafka is about to be given `count` records.
    mutating func handOver(_ count: Int) { inFlight += count }

    /// librdkafka has not taken `count` of the records it was given; they are still the sender's.
    mutating func takeBack(_ count: Int) { inFlight -= count }

    /// Records of `entry` are acknowledged: no longer in flight.
    mutating func acknowledge(_ entry: UInt32, _ acknowledgement: DeliveryReport.Acknowledgement) -> Settled? {
        inFlight -= acknowledgement.count
        totals.acknowledged += acknowledgement.count
        return update(entry, settling: acknowledgement.count) { $0.acknowledgements.append(acknowledgement) }
    }

    /// A record has failed, either in flight or (`wasInFlight` false) before librdkafka took it.
    mutating func fail(_ place: Place, _ error: KafkaClientError, wasInFlight: Bool) -> Settled? {
        fail(place.entry, Int(place.record)..<Int(place.record) + 1, error, wasInFlight: wasInFlight)
    }

    /// A range of records of `entry` has failed for one reason.
    mutating func fail(
        _ entry: UInt32,
        _ records: Range<Int>,
        _ error: KafkaClientError,
        wasInFlight: Bool
    ) -> Settled? {
        if wasInFlight { inFlight -= records.count }
        totals.failed += records.count
        return update(entry, settling: records.count) { report in
            if let last = report.failures.indices.last, report.failures[last].error == error {
                report.failures[last].records.append(contentsOf: records)
            } else {
                report.failures.append(DeliveryReport.Failure(error: error, records: Array(records)))
            }
        }
    }

    private mutating func update(
        _ number: UInt32,
        settling count: Int,
        _ change: (inout DeliveryReport) -> Void
    ) -> Settled? {
        guard Int(number) < entries.count, var entry = entries[Int(number)], entry.open >= count else {
            preconditionFailure("DeliveryLedger: \(count) records settled that batch entry \(number) does not have")
        }
        // Taken out before it is changed, so that the report's arrays are not copied.
        entries[Int(number)] = nil
        change(&entry.report)
        entry.open -= count
        if entry.open > 0 {
            entries[Int(number)] = entry
            return nil
        }
        free.append(number)
        return Settled(delivery: entry.delivery, report: entry.report)
    }
}

/// What a producer has settled since it was made.
package struct DeliveryTotals: Hashable, Sendable {
    /// Records that were acknowledged.
    package fileprivate(set) var acknowledged = 0
    /// Records that were refused, given up or left behind.
    package fileprivate(set) var failed = 0

    package init() {}
}

/// Where a record was written.
package struct RecordMetadata: Hashable, Sendable {
    package let topicPartition: TopicPartition
    /// Its offset; -1 with `acks=0`, where the broker does not answer.
    package let offset: Int64
    /// From `send` to the acknowledgement.
    package let latency: Duration
}
