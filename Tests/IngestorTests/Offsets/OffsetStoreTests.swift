import CommitLog
import Foundation
import KafkaTopics
import NIOCore
import PipelineTesting
import SystemPackage
import Testing

@testable import Ingestor

@Suite(.timeLimit(.minutes(5))) struct OffsetStoreTests {
    private let first = TopicPartition(topic: "utenti", partition: 0)
    private let second = TopicPartition(topic: "premi", partition: 1)

    @Test(arguments: [false, true]) func offsetsAreThereAgainAfterReopening(isClosed: Bool) throws {
        try withTemporaryDirectory { root in
            try withOffsets(in: root) { store, recovery, manager in
                #expect(recovery == OffsetRecovery())
                try store.commit(group: "sink", [first: CommittedOffset(offset: 7, leaderEpoch: 2, metadata: "note")])
                try store.commit(group: "sink", [second: CommittedOffset(offset: 9, leaderEpoch: 3, metadata: "n")])
                try store.commit(group: "sink", [first: CommittedOffset(offset: 8)])
                try store.commit(group: "other", [first: CommittedOffset(offset: 1)])
                if isClosed { try manager.close() }
            }
            for _ in 0..<2 {
                try withOffsets(in: root) { store, recovery, _ in
                    #expect(recovery.groups == 2 && recovery.unreadable.isEmpty)
                    #expect(
                        store.offsets(of: "sink") == [
                            first: CommittedOffset(offset: 8),
                            second: CommittedOffset(offset: 9, leaderEpoch: 3, metadata: "n"),
                        ]
                    )
                    #expect(store.offsets(of: "other") == [first: CommittedOffset(offset: 1)])
                    #expect(store.offsets(of: "nobody").isEmpty)
                }
            }
        }
    }

    @Test func deletedOffsetsAreGoneAfterReopening() throws {
        try withTemporaryDirectory { root in
            try withOffsets(in: root) { store, _, manager in
                for group in ["sink", "other", "third"] {
                    try store.commit(
                        group: group,
                        [first: CommittedOffset(offset: 1), second: CommittedOffset(offset: 2)]
                    )
                }
                #expect(try store.forget(group: "sink"))
                #expect(try !store.forget(group: "sink"), "it is gone")
                try store.forget([first], of: "other")
                let end = manager.offsets.endOffset
                try store.forget([first], of: "other")
                try store.forget([first], of: "nobody")
                try store.forget(topics: ["nothing"])
                #expect(manager.offsets.endOffset == end, "there is nothing to write")
                try store.forget([first, second], of: "third")
                #expect(store.groupNames == ["other"])
                #expect(!store.knows(group: "third"))
            }
            try withOffsets(in: root) { store, recovery, _ in
                #expect(recovery.groups == 1)
                #expect(store.offsets(of: "other") == [second: CommittedOffset(offset: 2)])
                #expect(store.offsets(of: "sink").isEmpty)
            }
        }
    }

    /// The group `sink` commits 9 in premi-1 and 7 in utenti-0 (epoch 2, note `n`), at 5 by the log's clock; then the second
    /// is forgotten.
    private static let golden = [
        "00000000000000000000009700000000026878f46e00000000000100000000000000050000000000000005ff",
        "ffffffffffffffffffffffffff0000000262000000260001000473696e6b00057072656d6900000001300003",
        "0000000000000009ffffffff0000000001a22a89be800066000002280001000473696e6b00067574656e7469",
        "0000000032000300000000000000070000000200016e000001a22a89be800000000000000000020000004c00",
        "00000002193d4994000000000000000001a22a89be80000001a22a89be80ffffffffffffffffffffffffffff",
        "0000000134000000280001000473696e6b00067574656e7469000000000100",
    ].joined()

    @Test func recordsHaveTheirGoldenBytes() throws {
        try withTemporaryDirectory { root in
            try withOffsets(in: root) { store, _, manager in
                try store.commit(
                    group: "sink",
                    [
                        first: CommittedOffset(offset: 7, leaderEpoch: 2, metadata: "n"),
                        second: CommittedOffset(offset: 9),
                    ],
                    at: 5
                )
                try store.forget([first], of: "sink")
                // What is appended years later is in a segment of its own.
                let slices = try [Int64(0), 2].map { try #require(try manager.offsets.read(from: $0, maxBytes: 1_000)) }
                let digits = try slices.flatMap { try $0.bytes().readableBytesView }.map { byte in
                    String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
                }
                #expect(digits.joined() == Self.golden)
            }
        }
    }

    /// The last commit is cut at every byte: what is left of it is never taken for a part of it.
    @Test func aCommitIsThereAsAWholeOrNotAtAll() throws {
        try withTemporaryDirectory { path in
            let root = path.appending("root")
            let file = root.appending("\(OffsetStore.topic)-0").appending("00000000000000000000.log")
            let sizes = try withOffsets(in: root) { store, _, manager in
                try [Int64(1), 2].map { offset in
                    let offsets = [first: CommittedOffset(offset: offset), second: CommittedOffset(offset: offset)]
                    try store.commit(group: "sink", offsets)
                    return manager.offsets.byteCount
                }
            }
            let whole = try Data(contentsOf: URL(fileURLWithPath: file.string))
            #expect(whole.count == sizes[1])
            for size in sizes[0]...sizes[1] {
                try whole.prefix(size).write(to: URL(fileURLWithPath: file.string))
                try withOffsets(in: root) { store, _, _ in
                    let expected = CommittedOffset(offset: size == sizes[1] ? 2 : 1)
                    #expect(store.offsets(of: "sink") == [first: expected, second: expected], "cut at \(size)")
                }
            }
        }
    }

    @Test func damagedCommitIsReportedAndTheOthersAreKept() throws {
        try withTemporaryDirectory { root in
            let ends = try withOffsets(in: root) { store, _, manager in
                let ends = try ["a", "b", "c"].map { group in
                    try store.commit(group: group, [first: CommittedOffset(offset: 1)])
                    return manager.offsets.byteCount
                }
                try manager.close()
                return ends
            }
            let path = root.appending("\(OffsetStore.topic)-0").appending("00000000000000000000.log").string
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            bytes[ends[1] - 5] ^= 0x10
            try bytes.write(to: URL(fileURLWithPath: path))
            try withOffsets(in: root) { store, recovery, _ in
                #expect(recovery.unreadable == [1..<2])
                #expect(store.groupNames == ["a", "c"])
            }
        }
    }

    /// Records of other kinds are a later version's, or no committed offsets at all.
    @Test(arguments: [("\u{0}\u{2}", "newer"), ("\u{0}\u{1}x", "backup")])
    func recordsOfOtherKindsAreRefused(key: String, reason: String) throws {
        try withTemporaryDirectory { root in
            try withOffsets(in: root) { _, _, manager in
                var builder = RecordBatchBuilder()
                builder.append(key: key, value: "value", timestamp: 1)
                _ = try manager.offsets.append(batch: builder.build(), now: 1)
            }
            let error = #expect(throws: IngestorError.self) { try withOffsets(in: root) { _, _, _ in } }
            #expect(error?.message.contains(reason) == true)
        }
    }

    @Test func offsetsOfUnusedGroupsExpire() throws {
        try withTemporaryDirectory { root in
            try withOffsets(in: root) { store, _, _ in
                for (group, time) in [("old", Int64(10)), ("used", 10), ("new", 100)] {
                    try store.commit(group: group, [first: CommittedOffset(offset: 1)], at: time)
                }
            }
            // The times are in the log.
            try withOffsets(in: root) { store, _, _ in
                let first = try store.expire(lastCommittedIn: 0..<50, now: 200) { $0 == "used" }
                #expect(first == ["old"])
                let second = try store.expire(lastCommittedIn: 0..<150, now: 300) { _ in false }
                #expect(second == ["new"], "used had members at 200")
            }
            try withOffsets(in: root) { store, recovery, _ in
                #expect(recovery.groups == 1)
                #expect(store.offsets(of: "used")[first]?.offset == 1)
            }
        }
    }

    @Test func offsetsAreBoundedInGroupsAndBytes() throws {
        try withTemporaryDirectory { root in
            try withOffsets(in: root) { store, _, _ in
                let note = [first: CommittedOffset(offset: 1, metadata: String(repeating: "x", count: 1_000))]
                #expect(!store.isFull(for: "a", note, groupsMax: 1, bytesMax: 2_000))
                try store.commit(group: "a", note)
                #expect(store.isFull(for: "b", note, groupsMax: 1, bytesMax: 10_000))
                #expect(store.isFull(for: "b", note, groupsMax: 2, bytesMax: 2_000))
                #expect(!store.isFull(for: "a", note, groupsMax: 1, bytesMax: 1_000), "it adds nothing")
                try store.forget(topics: ["utenti"])
                #expect(!store.isFull(for: "b", note, groupsMax: 1, bytesMax: 2_000))
            }
        }
    }

    @Test func aCommitIsOneBatchAndDeletionsAreAsManyAsNeeded() throws {
        try withTemporaryDirectory { root in
            try withOffsets(in: root) { store, _, manager in
                let note = String(repeating: "x", count: 4_096)
                func offsets(_ count: Int32) -> [TopicPartition: CommittedOffset] {
                    Dictionary(
                        uniqueKeysWithValues: (0..<count).map {
                            (TopicPartition(topic: "utenti", partition: $0), CommittedOffset(offset: 1, metadata: note))
                        }
                    )
                }
                let error = #expect(throws: IngestorError.self) { try store.commit(group: "sink", offsets(300)) }
                #expect(error?.code == .commitTooLarge)
                #expect(manager.offsets.endOffset == 0 && !store.knows(group: "sink"), "nothing of it is kept")
                // Together their tombstones have more than a batch takes.
                let name = String(repeating: "g", count: 255)
                for group in 0..<20 { try store.commit(group: "\(name)\(group)", offsets(200)) }
                try store.forget(topics: ["utenti"])
                #expect(store.groupNames.isEmpty)
            }
            try withOffsets(in: root) { store, _, _ in #expect(store.groupNames.isEmpty) }
        }
    }

    @Test func deletedTopicIsForgottenForGood() throws {
        try withTemporaryDirectory { root in
            try withOffsets(in: root) { store, _, _ in
                try store.commit(
                    group: "sink",
                    [first: CommittedOffset(offset: 1), second: CommittedOffset(offset: 2)]
                )
                try store.forget(topics: ["utenti"])
                #expect(store.offsets(of: "sink") == [second: CommittedOffset(offset: 2)])
            }
            try withOffsets(in: root) { store, _, _ in
                #expect(store.offsets(of: "sink") == [second: CommittedOffset(offset: 2)])
            }
        }
    }

    @Test func offsetsOfATopicThatIsDeletedMeanwhileAreNotTaken() throws {
        try withTemporaryDirectory { root in
            try withOffsets(in: root) { store, _, _ in
                let taken = try store.commit(
                    group: "sink",
                    [first: CommittedOffset(offset: 1), second: CommittedOffset(offset: 2)],
                    at: 0,
                    ofTopicsThat: { $0 != "utenti" }
                )
                #expect(taken == [second])
                #expect(store.offsets(of: "sink") == [second: CommittedOffset(offset: 2)])
            }
            try withOffsets(in: root) { store, _, _ in
                #expect(store.offsets(of: "sink") == [second: CommittedOffset(offset: 2)])
            }
        }
    }

    @Test func logIsCompactedWhenItHasGrown() throws {
        try withTemporaryDirectory { root in
            try withOffsets(in: root) { store, _, manager in
                let note = String(repeating: "x", count: 4_000)
                try store.commit(group: "old", [second: CommittedOffset(offset: 5)])
                for offset in 0..<3_200 {
                    try store.commit(group: "sink", [first: CommittedOffset(offset: Int64(offset), metadata: note)])
                }
                #expect(manager.offsets.byteCount > 3 * OffsetStore.segmentBytes)
                manager.maintain(now: timeOfDay)
                let cleaner = LogCleaner(manager)
                while !cleaner.run(now: timeOfDay, bytesMax: 64 << 20).isEmpty {}
                #expect(manager.offsets.byteCount < OffsetStore.segmentBytes)
            }
            try withOffsets(in: root) { store, recovery, _ in
                #expect(recovery.unreadable.isEmpty)
                #expect(store.offsets(of: "sink")[first]?.offset == 3_199)
                #expect(store.offsets(of: "old")[second]?.offset == 5)
            }
        }
    }

    /// After a power cut the log goes on above everything that it may have given; so do groups.
    @Test func offsetsAreThereInAnotherBoot() throws {
        try withTemporaryDirectory { root in
            for boot in ["a", "b", "c"] {
                try withOffsets(in: root, boot: boot) { store, recovery, manager in
                    #expect(recovery.unreadable.isEmpty)
                    #expect(store.knows(group: "a") == (boot != "a"))
                    try store.commit(group: boot, [first: CommittedOffset(offset: 1)])
                    #expect(manager.offsets.leaderEpoch == ["a": 0, "b": 1, "c": 2][boot])
                    try store.flush()
                }
            }
            try withOffsets(in: root) { store, _, _ in #expect(store.groupNames == ["a", "b", "c"]) }
        }
    }
}
