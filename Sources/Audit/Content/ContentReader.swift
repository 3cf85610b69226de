import ConnectAPI
import ConnectRuntime
import KafkaClient
import KafkaTopics
import Logging

/// Reads the topics once: what they hold where commits explain their offsets, and what lies behind that.
///
/// Records go through the conversion of the sink, so that a line of a file is compared with the line that the sink
/// would write today. Memory is bounded: one batch of each reader, and some numbers for each file.
struct ContentReader: Sendable {
    /// Bounds of reading.
    enum Limits {
        /// Consumers that read at once; each has partitions of its own.
        static let readersMax = 4
        /// How many offsets that are not filed yet are looked at, of one partition.
        static let offsetsInFlightMax: Int64 = 1_000_000
    }

    /// What is to be read of one partition.
    struct Order: Sendable {
        var partition: TopicPartition
        var commits: CommitEvidence?
        /// The offsets that Kafka has.
        var kept: Range<Int64>
        /// Whether the files are to be compared.
        var compares: Bool
        /// Offsets in the dead letter queue.
        var letters: Set<Int64>
    }

    let configuration: AuditConfiguration
    let logger: Logger
    /// Called with how many more offsets were read.
    let onProgress: @Sendable (Int64) -> Void

    func read(_ orders: [Order]) async throws -> [TopicPartition: ContentEvidence] {
        let begun = orders.map { Reading($0) }.filter { !$0.range.isEmpty }
        let shares = Self.shares(of: begun)
        return try await withThrowingTaskGroup(of: [ContentEvidence].self) { group in
            for share in shares { group.addTask { try await read(share) } }
            return try await group.reduce(into: [:]) { all, found in
                for evidence in found { all[evidence.partition] = evidence }
            }
        }
    }

    /// Which reader reads which partitions: the longest first, each to the reader with the least to do.
    private static func shares(of readings: [Reading]) -> [[Reading]] {
        var shares: [[Reading]] = Array(repeating: [], count: min(Limits.readersMax, readings.count))
        var lengths = shares.map { _ in 0 }
        for reading in readings.sorted(by: { ($1.range.count, $0.partition) < ($0.range.count, $1.partition) }) {
            guard let least = lengths.indices.min(by: { lengths[$0] < lengths[$1] }) else { break }
            shares[least].append(reading)
            lengths[least] += reading.range.count
        }
        return shares
    }

    private func read(_ share: [Reading]) async throws -> [ContentEvidence] {
        var readings = Dictionary(share.map { ($0.partition, $0) }) { first, _ in first }
        let pipeline = try configuration.makePipeline()
        let reader = TopicReader(client: configuration.client, logger: logger)
        let unread = try await reader.readBatches(readings.mapValues(\.range)) { batch in
            let count = try readings[batch.topicPartition]?.take(batch, pipeline) ?? 0
            onProgress(count)
        }
        return readings.values.map { $0.evidence(unread) }
    }
}

/// One partition while it is read.
private struct Reading: Sendable {
    let partition: TopicPartition
    /// The offsets that are read.
    let range: Range<Int64>
    private let next: Int64
    private let letters: Set<Int64>
    private let fingerprintOffset: Int64?
    private var position: Int64
    private var found: ContentEvidence

    init(_ order: ContentReader.Order) {
        partition = order.partition
        letters = order.letters
        next = max(order.commits?.next ?? order.kept.lowerBound, order.kept.lowerBound)
        let end = min(order.kept.upperBound, next + ContentReader.Limits.offsetsInFlightMax)
        let explained = order.kept.lowerBound..<min(next, order.kept.upperBound)
        var digest: TopicDigest?
        if order.compares, let commits = order.commits { digest = TopicDigest(commits, within: explained) }
        fingerprintOffset = order.commits?.fingerprint?.offset
        // The record before the place tells whether this is still the log whose records were filed.
        let known = min(order.commits?.fingerprint?.offset ?? .max, next)
        let first = max(min(digest?.units.first?.commit.offsets.lowerBound ?? next, known), order.kept.lowerBound)
        range = first < end ? first..<end : end..<end
        position = range.lowerBound
        found = ContentEvidence(partition: order.partition, digest: digest, read: range)
    }

    /// Takes a batch, and says how many offsets it passes.
    mutating func take(_ batch: ConsumedBatch, _ pipeline: RecordPipeline) throws -> Int64 {
        let start = position
        let filed = min(next, range.upperBound)
        var builder = SinkRecordsBuilder(
            partition: partition,
            firstOffset: position,
            recordCapacity: batch.count,
            valueByteCapacity: batch.valueByteCount
        )
        batch.forEachRecord { record in
            if record.offset == fingerprintOffset {
                found.fingerprint = RecordFingerprint(
                    offset: record.offset,
                    timestamp: record.timestamp,
                    key: record.key,
                    value: record.value
                )
            }
            if record.offset < filed {
                builder.append(
                    offset: record.offset,
                    timestamp: record.timestamp,
                    key: record.key,
                    value: record.value,
                    headers: record.headers()
                )
            } else if range.contains(record.offset) {
                let time = record.timestamp == .unknown ? nil : record.timestamp.milliseconds
                found.sawInFlight(offset: record.offset, timestamp: time)
            }
        }
        if position < filed {
            builder.skip(to: min(filed, batch.nextOffset), .absent)
            try compare(builder.finish(), pipeline)
        }
        position = max(position, min(range.upperBound, batch.nextOffset))
        return position - start
    }

    private mutating func compare(_ records: consuming SinkRecords, _ pipeline: RecordPipeline) throws {
        let before = Self.bytes(records)
        let letters = try pipeline.process(&records)
        let setAside = letters.reduce(0) { $0 + ($1.value?.count ?? 0) }
        let wasShortened = before != Self.bytes(records) + setAside
        if !self.letters.isEmpty {
            // What an earlier program set aside stays so, though today's conversion might take it.
            let offsets = records.offsets
            records.removeRecords(.deadLettered) { self.letters.contains(offsets[$0]) }
        }
        found.digest?.take(records, wasShortened: wasShortened)
    }

    private static func bytes(_ records: SinkRecords) -> Int { records.valueRanges.reduce(0) { $0 + $1.count } }

    func evidence(_ unread: TopicReader.Unread) -> ContentEvidence {
        var found = found
        if let open = unread.ranges.position(of: partition) {
            found.read = range.lowerBound..<max(range.lowerBound, open)
            found.obstacle = unread.errors[partition]?.description ?? "nothing more came from offset \(open) on"
        }
        return found
    }
}
