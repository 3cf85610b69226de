import Foundation
import PipelineTesting
import SystemPackage
import Testing

/// Clients that others made speak with the ingestor, each in a process of its own.
@Suite(.timeLimit(.minutes(20))) struct KafkaClientsInteropTests {
    /// Keys, values, null, headers and times come back byte for byte, whichever client wrote and whichever reads.
    @Test(arguments: Peer.allCases)
    func everyClientReadsWhatOneWrites(writer: Peer) async throws {
        try await withIngestor { bootstrap, data in
            let topics = Peer.codecs.map { "\(writer.rawValue)-\($0)" }.sorted()
            try await Peer.confluent.create(topics, partitions: Corpus.partitionCount, at: bootstrap)
            var expected: [PeerRecord] = []
            for codec in Peer.codecs {
                let topic = "\(writer.rawValue)-\(codec)"
                let records = Corpus.records(topic: topic, writer: writer)
                try await writer.produce(records, codec: codec, to: bootstrap)
                #expect(try codecs(of: topic, in: data).contains(codec))
                expected += records
            }
            for reader in Peer.allCases {
                let read = try await reader.consume(topics, from: bootstrap)
                expectContiguousOffsets(read)
                expectSame(read, expected, writer: writer, reader: reader)
            }
        }
    }

    @Test(arguments: [Peer.confluent, .kafkaPython])
    func twoMembersOfAGroupShareTheWorkAndALaterOneGoesOn(peer: Peer) async throws {
        try await withIngestor { bootstrap, _ in
            try await peer.create(["shared"], partitions: 4, at: bootstrap)
            let first = records(40, from: 0)
            let read = try await group(peer, "readers", members: 2, share: 2, count: 40, at: bootstrap) {
                try await Peer.confluent.produce(first, codec: "lz4", to: bootstrap)
            }
            expectSame(read, first)
            #expect(Set(read.compactMap(\.member)) == [0, 1], "both members read")
            for records in Dictionary(grouping: read, by: \.partition).values {
                #expect(Set(records.compactMap(\.member)).count == 1, "a partition has one reader")
            }

            let second = records(20, from: 40)
            let readLater = try await group(peer, "readers", members: 1, share: 4, count: 20, at: bootstrap) {
                try await Peer.kafkaPython.produce(second, codec: "gzip", to: bootstrap)
            }
            expectSame(readLater, second)
        }
    }

    @Test func membersWithDifferentClientsShareAGroup() async throws {
        try await withIngestor { bootstrap, _ in
            try await Peer.confluent.create(["shared"], partitions: 4, at: bootstrap)
            let sent = records(40, from: 0)
            let read = try await member(.confluent, of: "mixed", share: 2, count: 20, at: bootstrap) { one in
                try await member(.kafkaPython, of: "mixed", share: 2, count: 20, at: bootstrap) { other in
                    _ = try await one.waitForLine("ready")
                    _ = try await other.waitForLine("ready")
                    try await Peer.kafkaPython.produce(sent, codec: "snappy", to: bootstrap)
                    #expect(try await one.waitForExit() == .exited(0), "\(one.errorOutput.soFar)")
                    #expect(try await other.waitForExit() == .exited(0), "\(other.errorOutput.soFar)")
                    return try PeerRecord.read(one.output.soFar + other.output.soFar)
                }
            }
            expectSame(read, sent)
        }
    }

    @Test func kcatInAGroupGoesOnWhereItWas() async throws {
        try await withIngestor { bootstrap, _ in
            try await Peer.confluent.create(["shared"], partitions: 4, at: bootstrap)
            let first = records(40, from: 0)
            try await Peer.confluent.produce(first, codec: "zstd", to: bootstrap)
            let read = try await Kcat.consume(["shared"], group: "cats", count: 40, from: bootstrap)
            expectSame(read, first, reader: .kcat)
            let second = records(12, from: 40)
            try await Peer.confluent.produce(second, codec: "none", to: bootstrap)
            let readLater = try await Kcat.consume(["shared"], group: "cats", count: 12, from: bootstrap)
            expectSame(readLater, second, reader: .kcat)
        }
    }

    @Test(arguments: Peer.allCases)
    func aTopicIsThereOnFirstUse(peer: Peer) async throws {
        try await withIngestor { bootstrap, _ in
            let sent = records(3, from: 0).map { record in
                var record = record
                record.partition = 0
                return record
            }
            try await peer.produce(sent, codec: "none", to: bootstrap)
            let read = try await peer.consume(["shared"], from: bootstrap)
            #expect(read.map(\.key) == sent.map(\.key))
            #expect(read.map(\.value) == sent.map(\.value))
        }
    }

    @Test(arguments: [Peer.confluent, .kafkaPython])
    func aDeletedTopicComesBackEmpty(peer: Peer) async throws {
        try await withIngestor { bootstrap, _ in
            try await peer.create(["shared"], partitions: 4, at: bootstrap)
            try await peer.produce(records(8, from: 0), codec: "none", to: bootstrap)
            try await peer.delete(["shared"], at: bootstrap)
            try await peer.create(["shared"], partitions: 4, at: bootstrap)
            #expect(try await peer.consume(["shared"], from: bootstrap) == [])
        }
    }

    /// An answer about the deleted topic that librdkafka cannot read has its reader ask again at once, and log each time.
    @Test(arguments: [Peer.kcat, .confluent])
    func aReaderWhoseTopicIsDeletedAsksSeldomAndSaysLittle(peer: Peer) async throws {
        try await MeasuredIngestor.run { ingestor in
            let bootstrap = ingestor.bootstrap
            try await Peer.confluent.create(["shared"], partitions: 4, at: bootstrap)
            try await Peer.confluent.produce(records(40, from: 0), codec: "none", to: bootstrap)
            let (program, arguments) =
                if peer == .kcat {
                    (try BuiltPackage.systemProgram("kcat"), ["-C", "-u", "-b", bootstrap, "-t", "shared"])
                } else {
                    (try BuiltPackage.python(), [try peer.script.string, "follow", bootstrap, "shared", "30"])
                }
            try await withProcess(program, arguments: arguments) { reader in
                _ = try await reader.waitForLine("")
                let lines = ingestor.process.errorOutput.soFar.count
                try await Peer.confluent.delete(["shared"], at: bootstrap)
                let cpuTime = try ingestor.cpuTime
                // It says nothing of the kind: it has this time to say too much.
                _ = try? await reader.waitForLine("deleted", within: .seconds(5))
                #expect(try ingestor.cpuTime - cpuTime <= .seconds(1))
                #expect(ingestor.process.errorOutput.soFar.count - lines <= 20)
                #expect(reader.errorOutput.soFar.count <= 100, "\(reader.errorOutput.soFar.suffix(5))")
            }
        }
    }

    /// Records of the topic `shared`, over four partitions, with different values each.
    private func records(_ count: Int, from start: Int) -> [PeerRecord] {
        (start..<start + count).map { number in
            PeerRecord(
                topic: "shared",
                partition: number % 4,
                timestamp: Corpus.start + number,
                key: Array("k\(number)".utf8),
                value: Array("v\(number)".utf8)
            )
        }
    }

    /// What a group of `members` reads, which calls `whenReady` when each of them has `share` partitions.
    private func group(
        _ peer: Peer,
        _ name: String,
        members: Int,
        share: Int,
        count: Int,
        at bootstrap: String,
        _ whenReady: () async throws -> Void
    ) async throws -> [PeerRecord] {
        let words = ["group", bootstrap, name, "\(members)", "\(share)", "\(count)", "shared"]
        return try await withProcess(BuiltPackage.python(), arguments: [peer.script.string] + words) { process in
            _ = try await process.waitForLine("ready")
            try await whenReady()
            #expect(try await process.waitForExit() == .exited(0), "\(process.errorOutput.soFar)")
            return try PeerRecord.read(process.output.soFar)
        }
    }

    /// Runs `body` with one member of a group.
    private func member<Result>(
        _ peer: Peer,
        of group: String,
        share: Int,
        count: Int,
        at bootstrap: String,
        _ body: (ProgramProcess) async throws -> Result
    ) async throws -> Result {
        let words = ["group", bootstrap, group, "1", "\(share)", "\(count)", "shared"]
        return try await withProcess(BuiltPackage.python(), arguments: [peer.script.string] + words, body)
    }

    /// What the batches of the topic's first partition are compressed with, by their attributes on disk. Clients leave a
    /// batch as it is where that is shorter.
    private func codecs(of topic: String, in data: FilePath) throws -> Set<String> {
        let path = data.appending("ingestor").appending("\(topic)-0").appending("00000000000000000000.log")
        let log = try #require(FileManager.default.contents(atPath: path.string), "no \(path)")
        var codecs: Set<String> = []
        var start = 0
        while start + 61 <= log.count {
            codecs.insert(Peer.codecs[Int(log[start + 22] & 0x07)])
            let length = log[(start + 8)..<(start + 12)].reduce(0) { $0 << 8 | Int($1) }
            start += 12 + length
        }
        return codecs
    }

    private func expectContiguousOffsets(_ records: [PeerRecord]) {
        for (place, records) in Dictionary(grouping: records, by: { "\($0.topic)-\($0.partition)" }) {
            #expect(records.compactMap(\.offset) == Array(0..<records.count), "\(place)")
        }
    }

    /// Expects that `read` are `sent`, in the order of each partition, but for what one of the clients cannot do.
    private func expectSame(
        _ read: [PeerRecord],
        _ sent: [PeerRecord],
        writer: Peer = .confluent,
        reader: Peer = .confluent
    ) {
        let read = byPartition(read, isRead: true, writer: writer, reader: reader)
        let sent = byPartition(sent, isRead: false, writer: writer, reader: reader)
        #expect(read.keys.sorted() == sent.keys.sorted(), "\(writer) to \(reader)")
        for (place, sent) in sent {
            let read = read[place, default: []]
            #expect(read.count == sent.count, "\(writer) to \(reader), \(place)")
            for (index, (read, sent)) in zip(read, sent).enumerated() where read != sent {
                Issue.record("\(writer) to \(reader), \(place), record \(index): read \(read), sent \(sent)")
            }
        }
    }

    private func byPartition(
        _ records: [PeerRecord],
        isRead: Bool,
        writer: Peer,
        reader: Peer
    ) -> [String: [PeerRecord]] {
        let comparable = records.map { record in
            var record = record.without(timestamp: writer == .kcat)
            if reader == .kcat, !isRead { record.headers = Kcat.text(record.headers) }
            return record
        }
        return Dictionary(grouping: comparable) { "\($0.topic)-\($0.partition)" }
    }
}
