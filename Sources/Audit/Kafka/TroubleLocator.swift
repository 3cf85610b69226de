import KafkaClient
import KafkaTopics
import Logging
import Storage

/// Says more exactly where a file is wrong, by comparing it with the topic while Kafka still has its records.
struct TroubleLocator: Sendable {
    /// How many files are compared: each costs reading its records once more.
    static let filesMax = 8
    /// How many places of a file are named.
    static let placesMax = 5

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
            if let difference = try await difference(trouble, partition) {
                located[index] = Self.describe(trouble, difference)
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

    private static func describe(_ trouble: AuditTrouble, _ difference: LineDifference) -> AuditTrouble {
        var trouble = trouble
        if let first = difference.missing.first, let last = difference.missing.last {
            trouble.firstOffset = first.offset
            trouble.lastOffset = last.offset
            let users = Set(difference.missing.map(\.key))
            trouble.user = users.count == 1 ? users.first : nil
            let places = difference.missing.prefix(placesMax).map { "offset \($0.offset) of \($0.key)" }
            trouble.what += "; missing: " + listed(places, of: difference.missing.count)
        }
        if !difference.strange.isEmpty {
            let places = difference.strange.prefix(placesMax).map { "line \($0)" }
            trouble.what += "; not in the topic: " + listed(places, of: difference.strange.count)
        }
        return trouble
    }

    private static func listed(_ places: [String], of count: Int) -> String {
        let more = count - places.count
        return places.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
    }
}

extension AuditTrouble {
    /// The partition concerned, where it is one.
    fileprivate var topicPartition: TopicPartition? {
        guard let topic, let partition else { return nil }
        return TopicPartition(topic: topic, partition: partition)
    }
}
