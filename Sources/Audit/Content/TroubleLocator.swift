import ConnectAPI
import ConnectRuntime
import KafkaClient
import KafkaTopics
import Logging
import Storage

/// Says exactly where files differ from their topic, by comparing them line by line while Kafka still has the records.
struct TroubleLocator: Sendable {
    /// Bounds of the comparison: each costs reading records once more.
    enum Limits {
        /// Suspects of one partition.
        static let suspectsOfPartitionMax = 4
        /// Suspects in all.
        static let suspectsMax = 16
    }

    let configuration: AuditConfiguration
    let letters: [TopicPartition: Set<Int64>]
    let logger: Logger

    /// Decides on the suspects of all checks.
    func locate(_ checks: inout [PartitionCheck]) async throws {
        var left = Limits.suspectsMax
        for index in checks.indices {
            let suspects = checks[index].suspects
            let some = suspects.prefix(min(left, Limits.suspectsOfPartitionMax))
            left -= some.count
            for suspect in some {
                checks[index].resolve(suspect, try await differences(suspect, checks[index].evidence.partition))
            }
            checks[index].summarize(Array(suspects.dropFirst(some.count)))
        }
    }

    /// How the files differ from the topic; `nil` where it does not give its records.
    private func differences(_ suspect: Suspect, _ partition: TopicPartition) async throws -> [LineDifference]? {
        var files: [[Int]] = []
        for path in suspect.paths { files.append(try await hashes(path)) }
        let all = files.joined().reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
        let range = suspect.offsets.lowerBound..<suspect.offsets.upperBound + 1
        let pipeline = try configuration.makePipeline()
        var records: [LineDifference.Record] = []
        do {
            let reader = TopicReader(client: configuration.client, logger: logger)
            let unread = try await reader.readBatches([partition: range]) { batch in
                records += try lines(of: batch, range, pipeline, among: all)
            }
            guard unread.ranges.isDone else { throw unread.failure(after: TopicReader.silenceMax) }
        } catch let error as KafkaClientError {
            // The suspicion stands without its exact place.
            logger.warning(
                "a file could not be compared with its topic line by line",
                metadata: [
                    LogKeys.partition: "\(partition)",
                    LogKeys.path: "\(suspect.paths.first ?? "")",
                    LogKeys.error: "\(error)",
                ]
            )
            return nil
        }
        return files.map { own in
            var elsewhere = all
            for line in own { elsewhere[line, default: 0] -= 1 }
            return LineDifference(lines: own, records: records, elsewhere: elsewhere)
        }
    }

    /// The lines that the records of a batch are.
    private func lines(
        of batch: ConsumedBatch,
        _ range: Range<Int64>,
        _ pipeline: RecordPipeline,
        among known: [Int: Int]
    ) throws -> [LineDifference.Record] {
        let setAside = letters[batch.topicPartition] ?? []
        var builder = SinkRecordsBuilder(partition: batch.topicPartition, firstOffset: range.lowerBound)
        // As an earlier program filed values with line breaks.
        var compact: [Int64: Int] = [:]
        batch.forEachRecord { record in
            guard range.contains(record.offset), !setAside.contains(record.offset) else { return }
            builder.append(
                offset: record.offset,
                timestamp: record.timestamp,
                key: record.key,
                value: record.value,
                headers: record.headers()
            )
            guard let value = record.value, OneLine.hasBreaks(value) else { return }
            compact[record.offset] = OneLine.compactHash(value)
        }
        var records = builder.finish()
        _ = try pipeline.process(&records)
        return (0..<records.count).compactMap { index in
            guard let value = records.value(at: index) else { return nil }
            let offset = records.offsets[index]
            var line = value.withUnsafeBytes { OneLine.hash($0) }
            if known[line] == nil, let other = compact[offset], known[other] != nil { line = other }
            let key = records.key(at: index).map { String(decoding: $0, as: UTF8.self) } ?? ""
            return LineDifference.Record(offset: offset, line: line, key: key)
        }
    }

    private func hashes(_ path: String) async throws(StorageError) -> [Int] {
        var hashes: [Int] = []
        _ = try await FileScan(StoragePath(path), in: configuration.storage) { hashes.append(OneLine.hash($0)) }
        return hashes
    }
}

/// The names under which this module's log lines carry values.
private enum LogKeys {
    static let error = "audit.error"
    static let partition = "audit.partition"
    static let path = "audit.path"
}
