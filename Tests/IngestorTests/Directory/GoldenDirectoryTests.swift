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

/// Data directories of every format so far (`Tests/Golden/data-v<n>`), as a killed program left them: every version opens
/// them with all that is in them. `batches.txt` names the batches: directory, first and last offset, CRC-32C of all bytes.
@Suite struct GoldenDirectoryTests {
    struct Golden: Sendable, CustomTestStringConvertible {
        let name: String
        /// The boot of the machine in which the program was killed, where the directory tells.
        var boot = ""
        let nextProducerID: Int64
        /// What a sink committed in `utenti-0` and `premi-0`: 40 and 32.
        let sink: String

        var testDescription: String { name }

        var path: FilePath {
            FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
                .appending("Golden").appending(name)
        }
    }

    static let all = [
        Golden(name: "data-v1", nextProducerID: 1000, sink: "sink"),
        // Batches of every codec, and at 25 to 49 of small-0 the batch without records in the place of a lost segment.
        Golden(
            name: "data-v2",
            boot: "aa43d489-82d1-4459-b64b-a5d46ef56f2e\n",
            nextProducerID: 2000,
            sink: "connect-hdfs3-sink"
        ),
        // The same with committed offsets in a topic; those of a group were deleted.
        Golden(
            name: "data-v3",
            boot: "aa43d489-82d1-4459-b64b-a5d46ef56f2e\n",
            nextProducerID: 3000,
            sink: "connect-hdfs3-sink"
        ),
    ]

    private func opened(_ directory: FilePath, boot: String) throws -> DataDirectory {
        var configuration = IngestorConfiguration(directory: directory.string)
        configuration.log.retentionMilliseconds = nil
        configuration.maintainsLogs = false
        let readings = LogClock.Readings(bootID: { boot }, sinceBoot: { 20_000_000 }, timeOfDay: { 1_796_010_000_000 })
        return try DataDirectory(configuration, logger: CollectedLog().logger, readings: readings)
    }

    private func batches(of data: DataDirectory) throws -> [String] {
        var lines: [String] = []
        for (partition, log) in data.manager.logs where partition.topic != OffsetStore.topic {
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

    private func copied(_ golden: Golden, to path: FilePath) throws -> (directory: FilePath, batches: [String]) {
        let copy = path.appending("ingestor")
        try FileManager.default.copyItem(atPath: golden.path.appending("ingestor").string, toPath: copy.string)
        let lines = try String(contentsOfFile: golden.path.appending("batches.txt").string, encoding: .utf8)
        return (copy, lines.split(separator: "\n").map(String.init).sorted())
    }

    @Test(arguments: all) func everythingIsThere(golden: Golden) throws {
        try withTemporaryDirectory { path in
            let (copy, expected) = try copied(golden, to: path)
            let clusterID = try String(contentsOfFile: copy.appending("cluster-id").string, encoding: .utf8)
                .split(separator: "\n").last
            // The first opening changes an old format, the second one reads the present one.
            var ids: Set<String> = []
            for _ in 0..<2 {
                let data = try opened(copy, boot: golden.boot)
                #expect(try batches(of: data) == expected)
                #expect(data.clusterID == clusterID.map(String.init))
                #expect(try data.producerIDs.next() >= golden.nextProducerID)
                let sink = data.offsets.offsets(of: golden.sink).mapValues(\.offset)
                #expect(sink[TopicPartition(topic: "utenti", partition: 0)] == 40)
                #expect(sink[TopicPartition(topic: "premi", partition: 0)] == 32)
                let reader = data.offsets.offsets(of: "reader").mapValues(\.offset)
                #expect(reader[TopicPartition(topic: "utenti", partition: 0)] == 7)
                #expect(
                    data.manager.topics.map(\.name) == [
                        "__consumer_offsets", "comportamenti", "premi", "small", "utenti",
                    ]
                )
                ids.formUnion(data.manager.topics.map(\.id.description))
                try data.close()
            }
            #expect(ids.count == 5, "topics got ids, and kept them")
        }
    }

    /// The machine was started anew since the program was killed: what is there stays, and no offset below the reserved
    /// bound is given.
    @Test func logsOfAnotherBootGoOnAtTheirReservedBounds() throws {
        let golden = try #require(Self.all.last)
        try withTemporaryDirectory { path in
            let (copy, expected) = try copied(golden, to: path)
            let data = try opened(copy, boot: "another")
            let found = try batches(of: data)
            let logs = data.manager.logs.filter { $0.partition.topic != OffsetStore.topic }
            #expect(Set(found).isSuperset(of: expected) && found.count == expected.count + logs.count)
            for (partition, log) in logs { #expect(log.endOffset == 16_777_216, "\(partition)") }
            try data.close()
        }
    }
}
