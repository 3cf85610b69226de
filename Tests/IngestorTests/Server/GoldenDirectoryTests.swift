import Checksums
import CommitLog
import Foundation
import KafkaProtocol
import KafkaTopics
import NIOCore
import PipelineTesting
import SystemPackage
import Testing

@testable import Ingestor

/// A data directory of the first format (`Tests/Golden/data-v1`), as a killed program left it: every version opens it with
/// all that is in it. `batches.txt` names its batches: directory, first and last offset, CRC-32C of all bytes.
@Suite struct GoldenDirectoryTests {
    private static let golden = FilePath(#filePath).removingLastComponent().removingLastComponent()
        .removingLastComponent().appending("Golden").appending("data-v1")

    private func opened(_ directory: FilePath) throws -> Storage {
        var configuration = IngestorConfiguration(directory: directory.string)
        configuration.log.retentionMilliseconds = nil
        configuration.maintainsLogs = false
        return try Storage(configuration, logger: CollectedLog().logger)
    }

    private func batches(of storage: Storage) throws -> [String] {
        var lines: [String] = []
        for (partition, log) in storage.manager.logs {
            var next = log.logStartOffset
            while let slice = try log.read(from: next, maxBytes: 1 << 20) {
                var bytes = try slice.bytes()
                while bytes.readableBytes > 0 {
                    let header = try RecordBatchHeader(bytes)
                    let slice = bytes.readSlice(length: header.totalByteCount)
                    let batch = try #require(slice)
                    var checksum = CRC32C()
                    checksum.update(Array(batch.readableBytesView))
                    lines.append("\(partition) \(header.baseOffset) \(header.lastOffset) \(checksum.digits)")
                    next = header.nextOffset
                }
            }
        }
        return lines.sorted()
    }

    @Test func everythingInADirectoryOfTheFirstFormatIsThere() throws {
        try withTemporaryDirectory { path in
            let copy = path.appending("ingestor")
            try FileManager.default.copyItem(
                atPath: Self.golden.appending("ingestor").string,
                toPath: copy.string
            )
            let expected = try String(contentsOfFile: Self.golden.appending("batches.txt").string, encoding: .utf8)
                .split(separator: "\n").map(String.init).sorted()
            let clusterID = try String(contentsOfFile: copy.appending("cluster-id").string, encoding: .utf8)
            // The first opening changes the format, the second one reads the new one.
            var ids: Set<String> = []
            for _ in 0..<2 {
                let storage = try opened(copy)
                #expect(try batches(of: storage) == expected)
                #expect(storage.clusterID + "\n" == clusterID)
                #expect(try storage.producerIDs.next() >= 1000)
                let sink = storage.offsets.offsets(of: "sink").mapValues(\.offset)
                #expect(sink[TopicPartition(topic: "utenti", partition: 0)] == 40)
                #expect(sink[TopicPartition(topic: "premi", partition: 0)] == 32)
                let reader = storage.offsets.offsets(of: "reader").mapValues(\.offset)
                #expect(reader[TopicPartition(topic: "utenti", partition: 0)] == 7)
                #expect(storage.manager.topics.map(\.name) == ["comportamenti", "premi", "small", "utenti"])
                ids.formUnion(storage.manager.topics.map(\.id))
                try storage.close()
            }
            #expect(ids.count == 4, "topics got ids, and kept them")
        }
    }
}
