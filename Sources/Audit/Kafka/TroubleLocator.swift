import KafkaClient
import KafkaTopics
import Logging
import Storage

/// Says more exactly where a file is wrong, by comparing it with the topic while Kafka still has its records.
struct TroubleLocator: Sendable {
    /// How many files are compared: each costs reading its records once more.
    static let filesMax = 8

    let configuration: AuditConfiguration
    let letters: DeadLetterOffsets
    let logger: Logger

    /// `troubles`, the first of which have their exact places.
    func locate(_ troubles: [AuditTrouble], _ evidence: [PartitionEvidence]) async throws -> [AuditTrouble] {
        var located = troubles
        var left = Self.filesMax
        for (index, trouble) in troubles.enumerated() where left > 0 && Self.isLocatable(trouble) {
            guard let partition = evidence.first(where: { $0.partition == trouble.topicPartition }) else { continue }
            left -= 1
            do {
                guard let difference = try await difference(trouble, partition) else { continue }
                located[index] = trouble.located(by: difference)
            } catch let error as KafkaClientError {
                // The trouble stands without its exact place, which only these records would tell.
                logger.warning(
                    "a file could not be compared with its topic",
                    metadata: [
                        LogKeys.partition: "\(partition.partition)",
                        LogKeys.path: "\(trouble.path ?? "")",
                        LogKeys.error: "\(error)",
                    ]
                )
            }
        }
        return located
    }

    private static func isLocatable(_ trouble: AuditTrouble) -> Bool {
        [.linesMissing, .linesAdded, .linesChanged].contains(trouble.kind) && trouble.path != nil
    }

    /// How the file differs from the topic; `nil` where Kafka no longer has its records.
    private func difference(_ trouble: AuditTrouble, _ evidence: PartitionEvidence) async throws -> LineDifference? {
        guard let path = trouble.path, let first = trouble.firstOffset, let last = trouble.lastOffset,
            first >= evidence.earliest, last < evidence.latest
        else { return nil }
        let setAside = letters.offsets[evidence.partition] ?? []
        var records: [LineDifference.Record] = []
        let reader = TopicReader(client: configuration.client, logger: logger)
        try await reader.read([evidence.partition: first..<last + 1]) { _, record in
            guard let value = record.value, !setAside.contains(record.offset) else { return }
            let key = record.key.map { String(decoding: $0, as: UTF8.self) } ?? ""
            records.append(.init(offset: record.offset, line: OneLine.hash(value), key: key))
        }
        var elsewhere: [Int: Int] = [:]
        for file in evidence.files
        where file.path != path && file.name.first <= last && file.name.last >= first {
            for line in try await hashes(file.path) { elsewhere[line, default: 0] += 1 }
        }
        return LineDifference(lines: try await hashes(path), records: records, elsewhere: elsewhere)
    }

    private func hashes(_ path: String) async throws(StorageError) -> [Int] {
        var hashes: [Int] = []
        _ = try await RawFileScanner.scan(StoragePath(path), in: configuration.storage) { line, _ in
            hashes.append(OneLine.hash(line))
        }
        return hashes
    }
}

extension AuditTrouble {
    /// The partition concerned, where it is one.
    fileprivate var topicPartition: TopicPartition? {
        guard let topic, let partition else { return nil }
        return TopicPartition(topic: topic, partition: partition)
    }
}
