import Checksums
import CommitLog
import Files
import KafkaTopics
import NIOCore
import PipelineTesting
import Synchronization
import SystemPackage
import Testing

@testable import Ingestor

/// The journal of an earlier version becomes records of the topic, and nothing is lost on the way.
@Suite(.timeLimit(.minutes(5))) struct OffsetMigrationTests {
    private let groupCount = 30

    /// A root of an earlier version: a topic, and a journal.
    private func makeRoot(_ root: FilePath) throws {
        let (manager, _) = try LogManager.open(root: root, defaults: LogConfiguration())
        try manager.createTopic("utenti", partitions: 1, now: timeOfDay)
        try manager.close()
        var content = ByteBuffer(string: "HERAOFF1")
        for group in 0..<groupCount { content.writeImmutableBuffer(JournalEntry.bytes(group: "g\(group)", offset: 7)) }
        try Disk().replace(root.appending(OffsetStore.journalName), with: Array(content.readableBytesView))
    }

    private func expectEverything(_ store: OffsetStore, _ comment: Comment) {
        let partition = TopicPartition(topic: "utenti", partition: 0)
        #expect(store.groupNames.count == groupCount, comment)
        for group in store.groupNames {
            #expect(store.offsets(of: group) == [partition: CommittedOffset(offset: 7)], comment)
        }
    }

    /// What a program of the version before makes of the list of topics.
    private func isRefusedByEarlierPrograms(_ root: FilePath) -> Bool {
        let list = StateFile(root.appending("topics.json"), kind: "topics", version: 2, cure: "")
        do throws(FileError) {
            _ = try list.read()
            return false
        } catch {
            return error.code == .unknownFormat
        }
    }

    @Test(arguments: Seeds.chosen([1, 2, 3]))
    func everyPowerCutLeavesEverything(seed: UInt64) throws {
        try withSeed(seed) { generator in
            try withTemporaryDirectory { path in
                let root = path.appending("root")
                try Disk().makeDirectory(root)
                try makeRoot(root)
                let journal = try #require(try Disk().contents(of: root.appending(OffsetStore.journalName)))
                let power = try PowerLoss(below: root)
                try withOffsets(in: root, calls: power.calls) { store, _, _ in expectEverything(store, "without a cut")
                }
                #expect(isRefusedByEarlierPrograms(root))
                var refused = 0
                for cut in 0...power.operationCount {
                    let copy = path.appending("cut-\(cut)")
                    try power.materialize(in: copy, after: cut, using: &generator)
                    if isRefusedByEarlierPrograms(copy) {
                        refused += 1
                    } else {
                        // An earlier program goes on with it.
                        let left = try Disk().contents(of: copy.appending(OffsetStore.journalName))
                        #expect(left == journal, "cut after operation \(cut)")
                    }
                    try withOffsets(in: copy, boot: "b") { store, _, _ in
                        expectEverything(store, "cut after operation \(cut)")
                    }
                    try Disk().removeTree(copy)
                }
                #expect((1..<power.operationCount).contains(refused))
            }
        }
    }

    /// The disk takes nothing more from its n-th change on.
    @Test func aDiskThatFailsAtAnyStepLosesNothing() throws {
        for limit in 0... {
            let isDone = try withTemporaryDirectory { root in
                try makeRoot(root)
                let disk = DyingDisk(changes: limit)
                do {
                    try withOffsets(in: root, calls: disk.calls) { store, _, _ in
                        expectEverything(store, "it fails after \(limit) changes")
                    }
                } catch is IngestorError {} catch is LogError {}
                try withOffsets(in: root) { store, _, _ in
                    expectEverything(store, "it failed after \(limit) changes")
                }
                #expect(try Disk().contents(of: root.appending(OffsetStore.journalName)) == nil)
                return !disk.hasFailed
            }
            if isDone { return }
        }
    }

    @Test func aClientsTopicOfTheNameIsInTheWayWhereItHasRecords() throws {
        for hasRecords in [false, true] {
            try withTemporaryDirectory { root in
                do {
                    let (manager, _) = try LogManager.open(root: root, defaults: LogConfiguration())
                    _ = try manager.begin()
                    try manager.createTopic(OffsetStore.topic, partitions: 2, now: timeOfDay)
                    var builder = RecordBatchBuilder()
                    builder.append(key: "key", value: "value", timestamp: 1)
                    if hasRecords { _ = try manager.offsets.append(batch: builder.build(), now: 1) }
                    try manager.close()
                }
                guard hasRecords else {
                    return try withOffsets(in: root) { store, _, manager in
                        #expect(manager.topic(named: OffsetStore.topic)?.isInternal == true)
                        #expect(manager.topic(named: OffsetStore.topic)?.partitionCount == 1)
                    }
                }
                let error = #expect(throws: IngestorError.self) { try withOffsets(in: root) { _, _, _ in } }
                #expect(error?.message.contains("hera topics delete") == true)
                #expect(!isRefusedByEarlierPrograms(root))
            }
        }
    }

    /// The list of topics was lost: what is in the directory stays.
    @Test func aDirectoryOfTheNameIsLeftAlone() throws {
        try withTemporaryDirectory { root in
            try withOffsets(in: root) { store, _, _ in
                try store.commit(
                    group: "sink",
                    [TopicPartition(topic: "utenti", partition: 0): CommittedOffset(offset: 1)]
                )
            }
            let list = try #require(try Disk().contents(of: root.appending("topics.json")))
            try Disk().remove(root.appending("topics.json"))
            for _ in 0..<2 {
                let error = #expect(throws: IngestorError.self) { try withOffsets(in: root) { _, _, _ in } }
                #expect(error?.message.contains("in the way") == true)
            }
            try Disk().replace(root.appending("topics.json"), with: list)
            try withOffsets(in: root) { store, _, _ in #expect(store.groupNames == ["sink"]) }
        }
    }
}

/// The system's calls, until a number of changes was made: then each further one fails.
private final class DyingDisk: Sendable {
    private let left: Mutex<Int>

    init(changes: Int) { left = Mutex(changes) }

    var hasFailed: Bool { left.withLock { $0 < 0 } }

    private func change() throws(Errno) {
        let isLeft = left.withLock { left in
            left -= 1
            return left >= 0
        }
        if !isLeft { throw .ioError }
    }

    var calls: DiskCalls {
        let system = DiskCalls.system
        var calls = system
        calls.write = { [self] descriptor, head, body, position throws(Errno) in
            try change()
            return try system.write(descriptor, head, body, position)
        }
        calls.synchronize = { [self] descriptor throws(Errno) in
            try change()
            try system.synchronize(descriptor)
        }
        calls.rename = { [self] path, target throws(Errno) in
            try change()
            try system.rename(path, target)
        }
        calls.makeDirectory = { [self] path, permissions throws(Errno) in
            try change()
            try system.makeDirectory(path, permissions)
        }
        calls.remove = { [self] path throws(Errno) in
            try change()
            try system.remove(path)
        }
        return calls
    }
}

/// Writes journals of the first format: see `OffsetEntry`.
private enum JournalEntry {
    /// A group commits an offset in utenti-0.
    static func bytes(group: String, offset: Int64) -> ByteBuffer {
        var body = ByteBuffer(integer: Int8(1))
        body.writeLengthPrefixed(group)
        body.writeInteger(Int32(1))
        body.writeLengthPrefixed("utenti")
        body.writeMultipleIntegers(Int32(0), offset, Int32(-1))
        body.writeLengthPrefixed("")
        var entry = ByteBuffer(integer: Int32(body.readableBytes))
        entry.writeInteger(CRC32C.checksum(of: body.readableBytesSpan))
        entry.writeImmutableBuffer(body)
        return entry
    }
}

extension ByteBuffer {
    fileprivate mutating func writeLengthPrefixed(_ text: String) {
        writeInteger(Int16(text.utf8.count))
        writeString(text)
    }
}
