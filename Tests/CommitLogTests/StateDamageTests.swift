import Files
import Foundation
import KafkaProtocol
import KafkaTopics
import NIOCore
import PipelineTesting
import SystemPackage
import Testing

@testable import CommitLog

/// A state file that is damaged is refused, or made again without loss; it never makes a log shorter.
@Suite(.timeLimit(.minutes(15)))
struct StateDamageTests {
    private let partition = TopicPartition(topic: "a", partition: 0)

    private func open(_ root: FilePath, boot: String = "1") throws -> (LogManager, OpeningReport) {
        let (manager, report) = try LogManager.open(
            root: root,
            defaults: .small,
            readings: .inBoot(boot),
            calls: .withoutWaiting
        )
        _ = try manager.begin()
        return (manager, report)
    }

    /// A root with two topics, some segments, and producers.
    private func makeRoot(_ root: FilePath, closes: Bool) throws -> [ByteBuffer] {
        let manager = try open(root).0
        try manager.createTopic("a", partitions: 1, now: 1)
        try manager.createTopic("b", partitions: 2, now: 1)
        let log = try #require(manager.log(for: partition))
        for index in 0..<20 {
            try log.append(
                TestBatch(timestamps: [Int64(index)], producerID: 4, baseSequence: Int32(index), tag: "\(index)")
            )
        }
        _ = manager.maintain(now: 1_000)
        let batches = try log.allBatches()
        if closes { try manager.close() }
        return batches
    }

    @Test(arguments: [true, false])
    func everyFlippedByteIsFoundOrHarmless(closes: Bool) throws {
        try withTemporaryDirectory { path in
            let root = path.appending("root")
            let before = try makeRoot(root, closes: closes)
            // As after an upgrade: all that is there was taken unread.
            try FileManager.default.removeItem(atPath: root.appending("unchecked-batches.json").string)
            let manager = try open(root).0
            let time = manager.clock.now()
            if closes { try manager.close() }
            let state = ["topics.json", "reserved-offsets.json", "log-clock.json", "unchecked-batches.json"]
            let files =
                try state.map { root.appending($0) }
                + root.appending("a-0").files("json") + root.appending("a-0").files("snapshot")
                + root.appending("a-0").files("index") + root.appending("a-0").files("timeindex")
            #expect(files.count > 5)
            for file in files {
                let bytes = try file.contents()
                for index in stride(from: 0, to: bytes.count, by: 7) {
                    let copy = path.appending("copy")
                    try root.copyTree(to: copy)
                    var changed = bytes
                    changed[index] ^= 1 << UInt8(index % 8)
                    let name = String(file.string.dropFirst(root.string.count + 1))
                    try FilePath(copy.string + "/" + name).replaceContents(changed)
                    do {
                        let manager = try open(copy).0
                        let log = try #require(manager.log(for: partition))
                        let found = try log.allBatches().filter { try RecordBatchHeader($0).recordCount > 0 }
                        #expect(found == before, "\(name), byte \(index)")
                        #expect(log.uncheckedBelow == 20, "\(name), byte \(index)")
                        #expect(manager.clock.now() == time, "\(name), byte \(index): records do not age by it")
                        #expect(try log.offset(forTimestamp: 15)?.offset == 15, "\(name), byte \(index)")
                        #expect(try log.append(TestBatch()).baseOffset >= 20)
                    } catch let error as LogError {
                        #expect(error.code == .damaged, "\(name), byte \(index)")
                        #expect(name == "topics.json")
                    }
                    try FileManager.default.removeItem(atPath: copy.string)
                }
            }
        }
    }

    @Test func aVanishedDirectoryDoesNotBeginAgainAtZero() throws {
        try withTemporaryDirectory { path in
            _ = try makeRoot(path, closes: true)
            try FileManager.default.removeItem(atPath: path.appending("a-0").string)
            let (manager, report) = try open(path)
            #expect(report.recoveries[partition]?.wasMissing == true)
            let log = try #require(manager.log(for: partition))
            #expect(log.logStartOffset == LogLimits.offsetsReserved)
            #expect(try log.append(TestBatch()).baseOffset == LogLimits.offsetsReserved)
        }
    }

    @Test func anUncleanStopOnAnotherBootResumesAtTheBound() throws {
        try withTemporaryDirectory { path in
            _ = try makeRoot(path, closes: false)
            let (same, quiet) = try open(path)
            #expect(same.log(for: partition)?.endOffset == 20, "in the same boot nothing is missing")
            #expect(quiet.recoveries[partition]?.gaps == [])
            try same.close()
            #expect(try open(path, boot: "2").0.log(for: partition)?.endOffset == 20, "it was closed in order")
            let outcome = try open(path, boot: "2").0.log(for: partition)?.append(TestBatch())
            #expect(outcome?.baseOffset == 20)
            let (manager, report) = try open(path, boot: "3")
            let log = try #require(manager.log(for: partition))
            #expect(log.endOffset == LogLimits.offsetsReserved)
            #expect(report.recoveries[partition]?.gaps == [21..<LogLimits.offsetsReserved])
            #expect(log.reservedOffset > log.endOffset)
        }
    }

    /// The cut leaves the log as it was closed before, to the byte.
    @Test func aCutThatTakesAllSinceTheLastCloseIsNoticed() throws {
        try withTemporaryDirectory { path in
            let before = try makeRoot(path, closes: true)
            let file = try #require(try path.appending("a-0").files("log").last)
            let closed = try file.contents()
            let log = try #require(try open(path).0.log(for: partition))
            #expect(try log.append(TestBatch()).baseOffset == 20)
            try log.flush()
            try file.replaceContents(closed)
            let (manager, report) = try open(path, boot: "2")
            let again = try #require(manager.log(for: partition))
            #expect(report.recoveries[partition]?.gaps == [20..<LogLimits.offsetsReserved])
            #expect(again.endOffset == LogLimits.offsetsReserved)
            #expect(try again.allBatches().dropLast() == before[...])
            try manager.close()
            let (closedAgain, quiet) = try open(path, boot: "3")
            #expect(quiet.recoveries.isEmpty, "it was closed in order")
            #expect(closedAgain.log(for: partition)?.endOffset == LogLimits.offsetsReserved)
        }
    }

    @Test func whatAGroupHasCommittedIsReached() throws {
        try withTemporaryDirectory { path in
            _ = try makeRoot(path, closes: false)
            let manager = try LogManager.open(
                root: path,
                defaults: .small,
                readings: .inBoot("1"),
                calls: .withoutWaiting
            )
            .manager
            let beyond = LogLimits.offsetsReserved + 1
            let other = TopicPartition(topic: "b", partition: 1)
            let gaps = try manager.begin(reached: [partition: 21, other: beyond])
            #expect(
                gaps == [partition: 20..<LogLimits.offsetsReserved],
                "no record ever had an offset beyond the bound"
            )
            #expect(manager.log(for: other)?.endOffset == 0)
        }
    }

    @Test func whatAGroupHasCommittedProvesNothingOfALogThatIsAsItWasClosed() throws {
        try withTemporaryDirectory { path in
            _ = try makeRoot(path, closes: true)
            let manager = try LogManager.open(root: path, defaults: .small, calls: .withoutWaiting).manager
            #expect(try manager.begin(reached: [partition: 21]) == [:])
            #expect(manager.log(for: partition)?.endOffset == 20)
        }
    }

    @Test func aRootOfANewerProgramIsRefused() throws {
        try withTemporaryDirectory { path in
            let root = path.appending("root")
            _ = try makeRoot(root, closes: true)
            let newer = [
                ("topics.json", "topics"), ("reserved-offsets.json", "reserved-offsets"),
                ("a-0/checkpoint.json", "checkpoint"),
            ]
            for (index, (name, kind)) in newer.enumerated() {
                let copy = path.appending("copy-\(index)")
                try root.copyTree(to: copy)
                try StateFile(FilePath(copy.string + "/" + name), kind: kind, version: 4, cure: "").write([])
                let error = #expect(throws: LogError.self) { _ = try open(copy) }
                #expect(error?.description.contains("newer hera") == true, "\(name)")
            }
        }
    }

    @Test func topicsKeepTheirIdsAndEachCreationHasItsOwn() throws {
        try withTemporaryDirectory { path in
            _ = try makeRoot(path, closes: true)
            let (manager, _) = try open(path)
            let ids = manager.topics.map(\.id)
            #expect(Set(ids).count == 2 && !ids.contains(.zero))
            try manager.deleteTopic("a")
            try manager.createTopic("a", partitions: 1, now: 1)
            let again = try #require(manager.topic(named: "a")?.id)
            #expect(!ids.contains(again))
            try manager.close()
            #expect(try open(path).0.topic(named: "a")?.id == again)
            #expect(manager.log(for: partition)?.endOffset == 0, "a new topic begins at 0")
        }
    }

    @Test func offsetsAreReservedBeforeTheyRunOut() throws {
        try withTemporaryDirectory { path in
            let (manager, _) = try open(path)
            try manager.createTopic("a", partitions: 1, now: 1)
            let log = try #require(manager.log(for: partition))
            let half = LogLimits.offsetsReserved / 2
            #expect(log.reservedOffset == 2 * half)
            try log.append(TestBatch())
            #expect(try log.resume(ifBelow: 2, now: 1) == 1..<(2 * half))
            #expect(try log.append(TestBatch()).baseOffset == 2 * half, "an append reserves where maintenance did not")
            #expect(log.reservedOffset > 3 * half)
            _ = manager.maintain(now: 1)
            let content = String(decoding: try path.appending("reserved-offsets.json").contents(), as: UTF8.self)
            #expect(content.contains("\(log.reservedOffset)"))
        }
    }
}
