package import Community

/// What the ground truth needs to know of one record until its fate is known, in 24 bytes.
package struct RecordTrace: Sendable {
    package let effect: EventEffect
    package let partition: Int32
    /// Hours since 1970-01-01T00:00Z, of the record's time; `nil`: the producer gives the record the time of its sending.
    package var hour: Int32? { hourCode == Self.unknownHour ? nil : hourCode }
    private let hourCode: Int32
    /// What the record's line adds to the digest of its partition; 0 where it has none, or digests are not kept.
    fileprivate let term: UInt64

    private static let unknownHour = Int32.min

    package init(effect: EventEffect, partition: Int32, hour: Int32?, term: UInt64) {
        self.effect = effect
        self.partition = partition
        hourCode = hour ?? Self.unknownHour
        self.term = term
    }
}

/// Records of one topic, counted by all that the ground truth tells them apart by.
///
/// Its memory grows with the hours that the records' times lie in, and with the partitions, not with the records.
package struct TopicTally: Sendable {
    /// All records.
    package private(set) var totals = RecordTotals()
    /// By hour since 1970-01-01T00:00Z of the record's time.
    private(set) var hours: [Int32: RecordTotals] = [:]
    /// Records that get the time of their sending.
    package private(set) var undated = RecordTotals()
    /// By kind, in the order of `Dirt.allCases`; empty as long as all records are good.
    private(set) var dirt: [RecordTotals] = []
    /// By partition: the records that are filed. Empty where digests are not kept.
    private(set) var digests: [LineDigest] = []
    /// Whether more than ``totals`` is kept.
    private let isDetailed: Bool

    package init(isDetailed: Bool) {
        self.isDetailed = isDetailed
    }

    package mutating func add(_ trace: RecordTrace) {
        totals.add(trace.effect)
        guard isDetailed else { return }
        if let hour = trace.hour {
            hours[hour, default: RecordTotals()].add(trace.effect)
        } else {
            undated.add(trace.effect)
        }
        if let kind = trace.effect.dirt {
            makeRoomForDirt()
            dirt[Int(kind.rawValue)].add(trace.effect)
        }
        guard trace.effect.isFiled else { return }
        makeRoom(forPartition: Int(trace.partition))
        digests[Int(trace.partition)].add(term: trace.term)
    }

    /// Takes out a record that was added.
    ///
    /// - Parameter hour: when it was sent, where its own time says nothing.
    mutating func remove(_ trace: RecordTrace, sentIn hour: Int32?) {
        totals.remove(trace.effect)
        guard isDetailed else { return }
        if let hour = trace.hour ?? hour {
            hours[hour, default: RecordTotals()].remove(trace.effect)
        } else {
            undated.remove(trace.effect)
        }
        if let kind = trace.effect.dirt, !dirt.isEmpty { dirt[Int(kind.rawValue)].remove(trace.effect) }
        guard trace.effect.isFiled, Int(trace.partition) < digests.count else { return }
        digests[Int(trace.partition)].remove(term: trace.term)
    }

    /// Records that were undated were sent in this hour.
    mutating func date(_ records: RecordTotals, _ hour: Int32) {
        guard isDetailed, !records.isZero else { return }
        undated -= records
        hours[hour, default: RecordTotals()] += records
    }

    package mutating func removeAll() { self = TopicTally(isDetailed: isDetailed) }

    package static func += (left: inout TopicTally, right: TopicTally) {
        left.totals += right.totals
        left.undated += right.undated
        left.hours.merge(right.hours) { $0 + $1 }
        if !right.dirt.isEmpty {
            left.makeRoomForDirt()
            for index in right.dirt.indices { left.dirt[index] += right.dirt[index] }
        }
        if !right.digests.isEmpty {
            left.makeRoom(forPartition: right.digests.count - 1)
            for index in right.digests.indices { left.digests[index] += right.digests[index] }
        }
    }

    private mutating func makeRoomForDirt() {
        if dirt.isEmpty { dirt = Dirt.allCases.map { _ in RecordTotals() } }
    }

    private mutating func makeRoom(forPartition partition: Int) {
        let missing = partition + 1 - digests.count
        if missing > 0 { digests += Array(repeating: LineDigest(), count: missing) }
    }
}

extension EventEffect {
    /// Whether the record is a line of a file.
    package var isFiled: Bool { form != .withoutValue && form != .broken }
}

extension RecordTotals {
    fileprivate static func + (left: RecordTotals, right: RecordTotals) -> RecordTotals {
        var sum = left
        sum += right
        return sum
    }
}
