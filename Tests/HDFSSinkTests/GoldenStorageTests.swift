import Checksums
import CommitLedger
import ConnectAPI
import Foundation
import HDFSSink
import KafkaTopics
import PipelineTesting
import Storage
import SystemPackage
import Testing

/// What a killed sink of the present format left (`Tests/Golden/data-v2/storage`): every later version takes it over.
@Suite struct GoldenStorageTests {
    private let connector = "hdfs3-sink"
    private let topicsDirectory = "HeraSDG/raw_data"
    private let logsDirectory = "HeraSDG/_logs"

    /// Partitions by the offset that they are filed up to; `nil` where none of their records is.
    private let places: [TopicPartition: Int64?] = [
        TopicPartition(topic: "comportamenti", partition: 0): 32,
        TopicPartition(topic: "premi", partition: 0): 32,
        TopicPartition(topic: "utenti", partition: 0): 40,
        TopicPartition(topic: "utenti", partition: 1): nil,
    ]

    @Test func everyPartitionGoesOnWhereItWasFiled() async throws {
        let folder = ScratchDirectory()
        let root = folder.path.appending("storage")
        let golden = FilePath(try BuiltPackage.root().string).appending("Tests/Golden/data-v2/storage")
        try FileManager.default.copyItem(atPath: golden.string, toPath: root.string)
        let storage = LocalFileSystem(root: root, durability: .cached)
        let before = try await files(storage)
        #expect(before.count == 3)

        let task = try SinkHarness().task(
            on: storage,
            ["topics.dir": "/\(topicsDirectory)", "logs.dir": "/\(logsDirectory)"]
        )
        let now = Moment(at: SinkHarness.start)
        let starts = try await task.open(places.keys.map { SinkPartition($0) }, now: now)
        #expect(starts.mapValues(\.next) == places)
        for (partition, next) in places {
            let first = next ?? 0
            let batch = SinkHarness.batch(of: partition, from: first, [(SinkHarness.start, #"{"id": "new"}"#)])
            try await task.put(batch, now: now)
        }
        try await task.close(Array(places.keys), .handedOver, now: now)

        let after = try await files(storage)
        #expect(after.count == before.count + places.count)
        #expect(before.allSatisfy { after[$0] == $1 })
        #expect(try await storage.files(under: StoragePath("\(topicsDirectory)/+tmp")) == [])
        let reader = try CommitRecordReader(
            storage: storage,
            logsDirectory: StoragePath(logsDirectory),
            connector: connector
        )
        for partition in places.keys {
            let history = try await reader.history(of: partition)
            #expect(history.problems == [])
            let named = history.records.flatMap(\.record.files)
            #expect(named.allSatisfy { after[$0.final] == $0.crc32c }, "\(partition)")
        }
    }

    /// The checksums of all filed files, by their paths.
    private func files(_ storage: LocalFileSystem) async throws -> [String: String] {
        var found: [String: String] = [:]
        for file in try await storage.files(under: StoragePath(topicsDirectory), skips: ZoneNames.isHidden) {
            var checksum = CRC32C()
            checksum.update(try await storage.read(file.path, bytesMax: 1 << 20))
            found[file.path.string] = checksum.digits
        }
        return found
    }
}
