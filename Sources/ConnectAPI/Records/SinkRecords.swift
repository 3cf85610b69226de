import Checksums
package import KafkaTopics

/// A batch of consecutive offsets of one partition on its way to a sink, shaped for a million records a second.
///
/// Two arenas hold all bytes, and columns with one entry a record say where they lie:
///
///     values   {"id_utente": "HE_1", …}\n{"id_utente": "CO_2", …}\n … ┆ padding
///              ╰──── valueRanges[0] ──╯  ╰──── valueRanges[1] ──╯
///     keys     HE_1CO_2…
///
/// A line feed follows each value and is not part of it, so that a file of lines is written in whole stretches of the
/// arena (`lineRuns`). Behind the last value lie `paddingBytes` bytes, which simdjson may read.
///
/// The fast path works on these bytes. `update` lends records one by one as values instead, and writes back what changes;
/// `received(at:)` and the fingerprints are those of the records as Kafka holds them in any case.
///
/// Records and skipped offsets together explain each offset from `firstOffset` up to `nextOffset` exactly once.
package struct SinkRecords: Sendable {
    /// Bytes behind the last value that may be read without meaning: simdjson's padding.
    package static let paddingBytes = 64

    /// The most bytes that an arena holds: positions are 32 bits wide.
    package static let arenaBytesMax = Int(Int32.max)

    package let partition: TopicPartition

    /// The first offset that this batch explains.
    package let firstOffset: Int64

    /// The offset behind the last one that this batch explains: where the next batch begins.
    package let nextOffset: Int64

    /// The offset of each record, rising.
    package private(set) var offsets: [Int64]

    /// The timestamp that Kafka holds for each record.
    package private(set) var timestamps: [Timestamp]

    package private(set) var keyRanges: [ByteRange]
    package private(set) var valueRanges: [ByteRange]

    /// Headers of the records that have any, by the record's offset.
    package private(set) var headers: [Int64: [RecordHeader]]

    /// The topic of each record; `nil` where all have the partition's.
    private var topics: [String]?

    /// How bytes are read as values.
    package var coders = Coders()

    /// The offsets without a record, rising.
    package private(set) var skipped: [SkippedOffsets]

    package private(set) var keys: [UInt8]
    package private(set) var values: [UInt8]

    /// The records as they came.
    private var received: Received

    /// How keys, values and headers are read as trees, and trees are written as bytes.
    package struct Coders: Sendable {
        package var key: any DataCoder
        package var value: any DataCoder
        package var header: any DataCoder

        package init(
            key: any DataCoder = BytesCoder(),
            value: any DataCoder = BytesCoder(),
            header: any DataCoder = BytesCoder()
        ) {
            self.key = key
            self.value = value
            self.header = header
        }
    }

    /// The columns and bytes as they came from Kafka.
    ///
    /// They share their memory with the batch's own as long as those are not changed. An arena keeps the bytes of removed
    /// records; a value's bytes are kept before it is changed in place.
    private struct Received: Sendable {
        let offsets: [Int64]
        let timestamps: [Timestamp]
        let keyRanges: [ByteRange]
        let valueRanges: [ByteRange]
        /// The values that were changed in place, by the offsets of their records.
        var changedValues: [Int64: [UInt8]] = [:]
        /// The arenas and headers where transforms made others; `nil`: the batch's own are still those that came.
        var keys: [UInt8]?
        var values: [UInt8]?
        var headers: [Int64: [RecordHeader]]?

        /// The index of the first record from `offset` on.
        func index(from offset: Int64) -> Int {
            var low = 0
            var high = offsets.count
            while low < high {
                let middle = (low + high) / 2
                if offsets[middle] < offset { low = middle + 1 } else { high = middle }
            }
            return low
        }
    }

    /// A batch of what a `SinkRecordsBuilder` gathered.
    init(
        partition: TopicPartition,
        offsets explained: Range<Int64>,
        columns: SinkRecordsBuilder.Columns,
        skipped: [SkippedOffsets]
    ) {
        self.partition = partition
        firstOffset = explained.lowerBound
        nextOffset = explained.upperBound
        offsets = columns.offsets
        timestamps = columns.timestamps
        keyRanges = columns.keyRanges
        valueRanges = columns.valueRanges
        headers = columns.headers
        keys = columns.keys
        values = columns.values
        self.skipped = skipped
        received = Received(
            offsets: columns.offsets,
            timestamps: columns.timestamps,
            keyRanges: columns.keyRanges,
            valueRanges: columns.valueRanges
        )
    }

    /// How many records there are.
    package var count: Int { offsets.count }

    package var isEmpty: Bool { offsets.isEmpty }
}

// MARK: Reading

extension SinkRecords {
    /// The topic that the record at `index` belongs to: the partition's, or the one that a transform gave it.
    package func topic(at index: Int) -> String { topics?[index] ?? partition.topic }

    /// The index of a record that a transform gave another topic; `nil` where there is none.
    package var firstIndexWithOtherTopic: Int? { topics?.firstIndex { $0 != partition.topic } }

    /// The indexes of the records with a null value, rising.
    package var nullValueIndexes: [Int] {
        var indexes: [Int] = []
        for (index, range) in valueRanges.enumerated() where range.isNull { indexes.append(index) }
        return indexes
    }

    /// The value of the record at `index` as bytes of its own; `nil` where it is null.
    package func value(at index: Int) -> [UInt8]? {
        valueRanges[index].range.map { Array(values[$0]) }
    }

    /// The key of the record at `index` as bytes of its own; `nil` where it is null.
    package func key(at index: Int) -> [UInt8]? {
        keyRanges[index].range.map { Array(keys[$0]) }
    }

    /// Lends the values of `records` as lines, each with its line feed, in the fewest stretches of memory:
    /// one stretch for the whole range where nothing was taken out. Null values have no line.
    package func forEachRunOfLines<Failure: Error>(
        in records: Range<Int>,
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        try values.withUnsafeBufferPointer { (bytes) throws(Failure) in
            for run in lineRuns(in: records) {
                try body(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[run])))
            }
        }
    }

    /// Where the lines of `records` lie in `values`, each with its line feed, in the fewest stretches.
    package func lineRuns(in records: Range<Int>) -> LineRuns { LineRuns(rest: valueRanges[records]) }

    /// Stretches of `values` that hold lines, in their order.
    package struct LineRuns: Sequence, IteratorProtocol {
        fileprivate var rest: ArraySlice<ByteRange>

        package mutating func next() -> Range<Int>? {
            var run = 0..<0
            while let range = rest.first {
                if !range.isNull {
                    let line = range.lowerBound..<range.upperBound + 1
                    if run.isEmpty {
                        run = line
                    } else if line.lowerBound == run.upperBound {
                        run = run.lowerBound..<line.upperBound
                    } else {
                        return run
                    }
                }
                rest = rest.dropFirst()
            }
            return run.isEmpty ? nil : run
        }
    }

    /// How many of `offsets` have no record in this batch, by reason.
    package func skippedCounts(in offsets: Range<Int64>) -> SkippedCounts {
        var counts = SkippedCounts()
        for skip in skips(in: offsets) {
            counts.add(Int64(skip.offsets.clamped(to: offsets).count), skip.reason)
        }
        return counts
    }

    /// The skipped ranges that lie in `offsets` or reach into it.
    package func skips(in offsets: Range<Int64>) -> some Sequence<SkippedOffsets> {
        skipped[firstSkip(endingAfter: offsets.lowerBound)...].prefix { $0.offsets.lowerBound < offsets.upperBound }
    }

    /// The place of the first skipped range which ends behind `offset`, by halving.
    private func firstSkip(endingAfter offset: Int64) -> Int {
        var low = 0
        var high = skipped.count
        while low < high {
            let middle = (low + high) / 2
            if skipped[middle].offsets.upperBound <= offset {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }
}

// MARK: Removing

extension SinkRecords {
    /// Takes out the records for which `isRemoved` is true of their index, and notes `reason` for their offsets.
    package mutating func removeRecords(_ reason: SkippedOffsets.Reason, where isRemoved: (Int) -> Bool) {
        var kept = 0
        var removed: [SkippedOffsets] = []
        for index in 0..<count {
            if isRemoved(index) {
                let offset = offsets[index]
                headers[offset] = nil
                removed.append(SkippedOffsets(offset..<offset + 1, reason))
                continue
            }
            if kept != index {
                offsets[kept] = offsets[index]
                timestamps[kept] = timestamps[index]
                keyRanges[kept] = keyRanges[index]
                valueRanges[kept] = valueRanges[index]
                if let topic = topics?[index] { topics?[kept] = topic }
            }
            kept += 1
        }
        guard !removed.isEmpty else { return }
        let gone = count - kept
        offsets.removeLast(gone)
        timestamps.removeLast(gone)
        keyRanges.removeLast(gone)
        valueRanges.removeLast(gone)
        topics?.removeLast(gone)
        skipped = Self.merged(skipped, removed)
    }

    /// Takes out the records at `indexes`, which rise, and notes `reason` for their offsets.
    package mutating func removeRecords(at indexes: [Int], _ reason: SkippedOffsets.Reason) {
        var rest = indexes[...]
        removeRecords(reason) { index in
            guard rest.first == index else { return false }
            rest = rest.dropFirst()
            return true
        }
    }

    /// Two rising lists of skipped offsets as one, neighbours with the same reason joined.
    static func merged(_ first: [SkippedOffsets], _ second: [SkippedOffsets]) -> [SkippedOffsets] {
        var result: [SkippedOffsets] = []
        result.reserveCapacity(first.count + second.count)
        var left = first[...]
        var right = second[...]
        while let next = Self.popLower(&left, &right) {
            if let last = result.last, last.reason == next.reason,
                last.offsets.upperBound == next.offsets.lowerBound
            {
                let joined = last.offsets.lowerBound..<next.offsets.upperBound
                result[result.count - 1] = SkippedOffsets(joined, last.reason)
            } else {
                result.append(next)
            }
        }
        return result
    }

    private static func popLower(
        _ left: inout ArraySlice<SkippedOffsets>,
        _ right: inout ArraySlice<SkippedOffsets>
    ) -> SkippedOffsets? {
        guard let first = left.first else { return right.popFirst() }
        guard let second = right.first else { return left.popFirst() }
        return first.offsets.lowerBound < second.offsets.lowerBound ? left.popFirst() : right.popFirst()
    }
}

// MARK: Converting

extension SinkRecords {
    /// Lends the arena of values, padding included, to be changed in place: a converter shortens a value with
    /// `shortenValue` afterwards, and never writes outside the ranges of the values.
    package mutating func withMutableValues<Result, Failure: Error>(
        _ body: (_ arena: UnsafeMutableRawBufferPointer, _ ranges: [ByteRange]) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let ranges = valueRanges
        return try values.withUnsafeMutableBufferPointer { (arena) throws(Failure) in
            try body(UnsafeMutableRawBufferPointer(arena), ranges)
        }
    }

    /// Says that the record at `index` has a null value.
    package mutating func removeValue(at index: Int) {
        valueRanges[index] = .null
    }

    /// Says that the value of the record at `index` now is only its first `count` bytes, and ends its line there.
    package mutating func shortenValue(at index: Int, to count: Int) {
        let old = valueRanges[index]
        precondition(!old.isNull && count <= old.count, "a value can only be shortened: \(old.count) to \(count) bytes")
        valueRanges[index] = ByteRange(old.lowerBound..<old.lowerBound + count)
        values[old.lowerBound + count] = UInt8(ascii: "\n")
    }

    /// Keeps the value of the record at `index`, which is about to be changed in place, as it came.
    package mutating func valueWillChange(at index: Int) {
        let offset = offsets[index]
        guard received.changedValues[offset] == nil else { return }
        received.changedValues[offset] = value(at: index)
    }
}

// MARK: Transforming

extension SinkRecords {
    /// Lends the selected records to `body` one by one, and writes back what it changes; what it drops counts as
    /// filtered. A record for which `body` throws, or whose changes cannot be written, stays as it is.
    ///
    /// - Returns: the records that failed, with their indexes in the batch as it is then.
    package mutating func update(
        _ selection: RecordSelection,
        _ body: (inout ConnectRecord) throws(DataError) -> Void
    ) -> [RecordFailure] {
        var changes: [Int: ConnectRecord.Change] = [:]
        var dropped: [Int] = []
        var failures: [RecordFailure] = []
        for index in selection.indexes(count: count) {
            var record = ConnectRecord(self, at: index)
            do throws(DataError) {
                try body(&record)
                if record.isDropped {
                    dropped.append(index)
                } else if let change = try record.change() {
                    changes[index] = change
                }
            } catch {
                failures.append(RecordFailure(index: index - dropped.count, message: error.message))
            }
        }
        write(changes)
        removeRecords(at: dropped, .filtered)
        return failures
    }

    private mutating func write(_ changes: [Int: ConnectRecord.Change]) {
        guard !changes.isEmpty else { return }
        for (index, change) in changes {
            if let timestamp = change.timestamp { timestamps[index] = timestamp }
            if let topic = change.topic {
                if topics == nil { topics = Array(repeating: partition.topic, count: count) }
                topics?[index] = topic
            }
            if let changed = change.headers {
                if received.headers == nil { received.headers = headers }
                headers[offsets[index]] = changed.isEmpty ? nil : changed
            }
        }
        if changes.values.contains(where: { $0.key != nil }) {
            let old = keys
            if received.keys == nil { received.keys = old }
            keys = []
            keyRanges = Self.rewrite(keyRanges, of: old, to: &keys) { changes[$0]?.key }
        }
        if changes.values.contains(where: { $0.value != nil }) {
            let old = values
            if received.values == nil { received.values = old }
            values = []
            valueRanges = Self.rewrite(valueRanges, of: old, to: &values, afterEach: [UInt8(ascii: "\n")]) {
                changes[$0]?.value
            }
            values.append(contentsOf: repeatElement(0, count: Self.paddingBytes))
        }
    }

    /// Writes keys or values one behind the other into a new arena, with those that `changed` gives in place of the old
    /// ones.
    private static func rewrite(
        _ ranges: [ByteRange],
        of old: [UInt8],
        to arena: inout [UInt8],
        afterEach end: [UInt8] = [],
        changed: (Int) -> [UInt8]??
    ) -> [ByteRange] {
        ranges.indices.map { index in
            let start = arena.count
            switch changed(index) {
            case .none:
                guard let range = ranges[index].range else { return .null }
                arena.append(contentsOf: old[range])
            case .some(.none):
                return .null
            case .some(.some(let bytes)):
                arena.append(contentsOf: bytes)
            }
            precondition(arena.count < arenaBytesMax, "a batch holds at most 2 GiB of values")
            let range = ByteRange(start..<arena.count)
            arena.append(contentsOf: end)
            return range
        }
    }
}

// MARK: As they came

extension SinkRecords {
    /// A record as Kafka holds it.
    package struct ReceivedRecord {
        package let timestamp: Timestamp
        package let key: [UInt8]?
        package let value: [UInt8]?
        package let headers: [RecordHeader]
    }

    /// The record at `index` as it came, whatever converter and transforms made of it.
    package func received(at index: Int) -> ReceivedRecord {
        let offset = offsets[index]
        let place = received.index(from: offset)
        return ReceivedRecord(
            timestamp: received.timestamps[place],
            key: received.keyRanges[place].range.map { Array((received.keys ?? keys)[$0]) },
            value: received.changedValues[offset]
                ?? received.valueRanges[place].range.map { Array((received.values ?? values)[$0]) },
            headers: (received.headers ?? headers)[offset] ?? []
        )
    }

    /// The fingerprint of the last record that came from Kafka below `offset`, also where it was filtered or set aside
    /// since; `nil` where the batch has none there.
    package func fingerprint(ofLastRecordBefore offset: Int64) -> RecordFingerprint? {
        let index = received.index(from: offset) - 1
        guard index >= 0 else { return nil }
        return RecordFingerprint(
            offset: received.offsets[index],
            timestamp: received.timestamps[index].milliseconds,
            checksum: checksum(ofReceived: index).digits
        )
    }

    private func checksum(ofReceived index: Int) -> CRC32C {
        let key = received.keyRanges[index].range
        let value = received.valueRanges[index].range
        let changed = received.changedValues[received.offsets[index]]
        return (received.keys ?? keys).withUnsafeBytes { keys in
            let key = key.map { UnsafeRawBufferPointer(rebasing: keys[$0]) }
            if let changed {
                return changed.withUnsafeBytes { RecordFingerprint.checksum(key: key, value: $0) }
            }
            return (received.values ?? values).withUnsafeBytes { values in
                RecordFingerprint.checksum(key: key, value: value.map { UnsafeRawBufferPointer(rebasing: values[$0]) })
            }
        }
    }
}
