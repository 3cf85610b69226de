/// The producer's books: which batches are on their way and what became of their records so far. Pure.
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

        /// A number dressed as a pointer: librdkafka hands it back and never looks behind it.
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
    /// How many batches are not settled.
    var openBatches: Int { entries.count - free.count }

    /// Opens the account of a batch that has at least one record.
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
