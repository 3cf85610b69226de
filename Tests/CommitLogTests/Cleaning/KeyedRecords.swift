import Files
import KafkaProtocol
import NIOCore
import PipelineTesting

@testable import CommitLog

/// A record as the tests of compaction see it.
struct KeyedRecord: Hashable, Sendable {
    var offset: Int64 = 0
    var key: String
    /// `nil` is a tombstone.
    var value: String?
    var timestamp: Int64 = 0
}

extension LogConfiguration {
    /// Compacted, in small segments, as soon as there is anything to clean.
    static var compacted: LogConfiguration {
        var configuration = LogConfiguration.small
        configuration.cleanupPolicy = [.compact]
        configuration.cleanableRatioMin = 0
        return configuration
    }
}

extension PartitionLog {
    /// Appends a batch of these records.
    @discardableResult
    func append(
        _ records: [(key: String?, value: String?)],
        timestamp: Int64 = 0,
        producer: (id: Int64, sequence: Int32)? = nil,
        compression: Compression? = nil,
        now: Int64 = 1_000
    ) throws -> AppendOutcome {
        var builder = RecordBatchBuilder()
        if let producer {
            (builder.producerID, builder.producerEpoch, builder.baseSequence) = (producer.id, 0, producer.sequence)
        }
        for record in records { builder.append(key: record.key, value: record.value, timestamp: timestamp) }
        return try append(batch: compression.map { builder.build(compressedBy: $0) } ?? builder.build(), now: now)
    }

    /// Seals the active segment, where it has records, and forces all to the device, so that all of it can be cleaned.
    func sealAll(now: Int64 = 1_000) throws {
        let before = configuration
        configure { $0.segmentMilliseconds = 0 }
        try maintain(now: now)
        configure { $0 = before }
    }

    /// One cleaning, to its end; `nil` where none is due.
    @discardableResult
    func clean(
        now: Int64 = 1_000,
        mapBytes: Int = LogLimits.cleaningMapBytes,
        calls: DiskCalls = .withoutWaiting
    ) throws -> CleaningReport? {
        guard let plan = try cleaningPlan(now: now) else { return nil }
        var cleaning = LogCleaning(plan, of: self, disk: Disk(calls: calls), mapBytes: mapBytes)
        do throws(LogError) {
            while try cleaning.step() != nil {}
        } catch {
            cleaning.abandon()
            throw error
        }
        return cleaning.report
    }

    /// All records that a consumer gets; the offsets of batches follow one another without a hole.
    func records() throws -> [KeyedRecord] {
        var found: [KeyedRecord] = []
        var next: Int64?
        for batch in try allBatches() {
            let header = try RecordBatchHeader(batch)
            if let next, header.baseOffset != next { throw Hole(before: header.baseOffset, after: next) }
            next = header.nextOffset
            found += try batch.records().filter { $0.offset >= logStartOffset }
        }
        return found
    }
}

/// Offsets that no batch has.
struct Hole: Error {
    let before: Int64
    let after: Int64
}

/// A batch that cannot be read.
struct UnreadableBatch: Error {}

extension ByteBuffer {
    /// The records of this batch.
    func records() throws -> [KeyedRecord] {
        let header = try RecordBatchHeader(self)
        if header.recordCount == 0 { return [] }
        let bounds = LogLimits.decompression(messageBytesMax: 1 << 20)
        guard let stored = StoredRecords(self, header, bounds) else { throw UnreadableBatch() }
        var builder = RecordBatchBuilder()
        for _ in 0..<header.recordCount { builder.append(key: nil as String?, value: nil, timestamp: 0) }
        // The same batch, uncompressed, so that it is read by code that is not the cleaner's.
        var plain = builder.build(records: stored.bytes, codec: .none)
        plain.setInteger(header.baseOffset, at: 0)
        plain.setInteger(header.lastOffsetDelta, at: 23)
        plain.setInteger(header.baseTimestamp, at: 27)
        var iterator = try RecordIterator(plain)
        var records: [KeyedRecord] = []
        while let record = try iterator.next() {
            records.append(
                KeyedRecord(
                    offset: record.offset,
                    key: record.key.map { String(buffer: $0) } ?? "",
                    value: record.value.map { String(buffer: $0) },
                    timestamp: record.timestamp
                )
            )
        }
        return records
    }
}
