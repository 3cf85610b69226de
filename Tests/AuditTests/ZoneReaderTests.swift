import Audit
import CommitLedger
import Foundation
import HDFSSink
import KafkaClient
import KafkaTopics
import Storage
import Testing

@Suite(.timeLimit(.minutes(15))) struct ZoneReaderTests {
    private let partition = FiledZone.partition

    private func reader(_ zone: FiledZone) throws -> ZoneReader {
        try ZoneReader(zone.audit(ClientConfiguration(bootstrap: []), now: { 0 }))
    }

    private func read(_ zone: FiledZone) async throws -> ZoneReader.PartitionZone {
        let reader = try reader(zone)
        let history = try await reader.reader.history(of: partition)
        return try await reader.read(partition, history, reader.list(partition.topic).files[partition] ?? [])
    }

    @Test func filesAreReadAsTheyWereFiled() async throws {
        var zone = try await FiledZone()
        let filed = [try await zone.file(0..<3), try await zone.file(3..<4)]
        #expect(try await reader(zone).topics() == [partition.topic])
        let read = try await read(zone)
        #expect(read.files.map(\.path) == filed.map(\.final))
        #expect(read.files.map(\.scan.rows) == [3, 1])
        #expect(read.files.map(\.scan.checksum) == filed.map(\.crc32c))
        #expect(read.pending.isEmpty)
        #expect(read.temporaries.isEmpty)
        #expect(read.troubles.isEmpty)
    }

    @Test func fileThatWaitsForItsNameIsPending() async throws {
        var zone = try await FiledZone()
        try await zone.file(0..<3)
        let waiting = try await zone.file(3..<5)
        #expect(try await zone.storage.rename(StoragePath(waiting.final), to: StoragePath(waiting.temporary)))
        let read = try await read(zone)
        #expect(read.files.count == 1)
        #expect(Array(read.pending.keys) == [waiting.temporary])
        #expect(read.pending[waiting.temporary]?.rows == 2)
        #expect(read.temporaries.isEmpty, "the newest record names it")
    }

    @Test func temporaryFileThatNoRecordNamesIsListed() async throws {
        var zone = try await FiledZone()
        try await zone.file(0..<3)
        let left = try zone.layout.temporaryData(epoch: 1, number: 77)
        try await zone.storage.write([], to: left)
        #expect(try await read(zone).temporaries == [TemporaryFile(kind: .data(epoch: 1), path: left.string)])
    }

    /// The pipeline goes on while the audit reads: what it files after its records were read is left out.
    @Test func filesNewerThanTheRecordsAreLeftOut() async throws {
        var zone = try await FiledZone()
        let old = try await zone.file(0..<3)
        let reader = try reader(zone)
        let history = try await reader.reader.history(of: partition)
        try await zone.file(3..<5)
        let paths = try #require(try await reader.list(partition.topic).files[partition])
        #expect(paths.count == 2)
        let read = try await reader.read(partition, history, paths)
        #expect(read.files.map(\.path) == [old.final])
        #expect(read.commits?.next == 3)
    }

    /// A file that no record names is not a newer one: it stays, and has to be explained.
    @Test func strangersBeyondTheRecordsStay() async throws {
        var zone = try await FiledZone()
        try await zone.file(0..<3)
        let stranger = try zone.layout.final(directory: "2021/03/24/11", first: 90, last: 91)
        try await zone.storage.write([], to: stranger)
        #expect(try await read(zone).files.map(\.path).contains(stranger.string))
    }

    @Test func whatIsNoFileOfTheTopicIsNamed() async throws {
        var zone = try await FiledZone()
        try await zone.file(0..<3)
        let topic = try StoragePath("\(FiledZone.topics)/\(partition.topic)")
        let strange = try ["2021/readme.txt", "2021/utenti_0_0_1.json"].map { try topic.appending($0) }
        for path in strange { try await zone.storage.write([], to: path) }
        let directory = try topic.appending("2021/premi_0_7_8.json")
        try await zone.storage.createDirectory(directory)
        try await zone.storage.write([], to: topic.appending("_SUCCESS"))
        let found = try await reader(zone).list(partition.topic)
        #expect(found.files[partition]?.count == 1)
        #expect(found.troubles.allSatisfy { $0.kind == .fileForeign })
        #expect(Set(found.troubles.map(\.path)) == Set((strange + [directory]).map(\.string)))
    }

    @Test(arguments: ["nowhere", "."])
    func linkThatLeadsToNoFileIsNamed(target: String) async throws {
        var zone = try await FiledZone()
        let filed = try await zone.file(0..<3)
        let link = try zone.layout.final(directory: "2021/03/24/11", first: 0, last: 0)
        try FileManager.default.createSymbolicLink(
            atPath: "\(zone.storage.location(of: link))",
            withDestinationPath: target
        )
        let read = try await read(zone)
        #expect(read.files.map(\.path) == [filed.final])
        #expect(read.troubles.map(\.path) == [link.string])
        #expect(read.troubles.map(\.kind) == [.fileForeign])
    }
}
