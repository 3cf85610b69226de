import Foundation
import Ingestor
import KafkaTopics
import PipelineTesting
import SystemPackage
import Testing

@Suite struct OffsetStoreTests {
    private let first = TopicPartition(topic: "utenti", partition: 0)
    private let second = TopicPartition(topic: "premi", partition: 1)

    @Test func offsetsAreThereAgainAfterReopening() throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("offsets").string
            do {
                let (store, recovery) = try OffsetStore.open(at: FilePath(path))
                #expect(recovery == OffsetRecovery(groups: 0, bytesCut: 0))
                try store.commit(
                    group: "sink",
                    [first: CommittedOffset(offset: 7, leaderEpoch: 2, metadata: "note")]
                )
                try store.commit(group: "sink", [second: CommittedOffset(offset: 9)])
                try store.commit(group: "sink", [first: CommittedOffset(offset: 8)])
                try store.commit(group: "other", [first: CommittedOffset(offset: 1)])
            }
            let (store, recovery) = try OffsetStore.open(at: FilePath(path))
            #expect(recovery == OffsetRecovery(groups: 2, bytesCut: 0))
            #expect(
                store.offsets(of: "sink") == [
                    first: CommittedOffset(offset: 8), second: CommittedOffset(offset: 9),
                ]
            )
            #expect(store.offsets(of: "other") == [first: CommittedOffset(offset: 1)])
            #expect(store.offsets(of: "nobody").isEmpty)
        }
    }

    @Test func deletedOffsetsAreGoneAfterReopening() throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("offsets")
            do {
                let (store, _) = try OffsetStore.open(at: path)
                for group in ["sink", "other", "third"] {
                    try store.commit(
                        group: group,
                        [first: CommittedOffset(offset: 1), second: CommittedOffset(offset: 2)]
                    )
                }
                #expect(try store.forget(group: "sink"))
                #expect(try !store.forget(group: "sink"), "it is gone")
                let length = store.byteCount
                try store.forget([first], of: "other")
                #expect(store.byteCount > length)
                let after = store.byteCount
                try store.forget([first], of: "other")
                try store.forget([first], of: "nobody")
                #expect(store.byteCount == after, "there is nothing to write")
                try store.forget([first, second], of: "third")
                #expect(store.groups == ["other"])
                #expect(!store.knows(group: "third"))
            }
            let (store, recovery) = try OffsetStore.open(at: path)
            #expect(recovery == OffsetRecovery(groups: 1, bytesCut: 0))
            #expect(store.offsets(of: "other") == [second: CommittedOffset(offset: 2)])
            #expect(store.offsets(of: "sink").isEmpty)
        }
    }

    /// The group `sink` commits 7 in utenti-0 and that is deleted; then the group `gone` is, which has 1 there.
    private static let goldenDeletions = [
        "484552414f4646329e484f460000002d5140c54a01000473696e6b0000000000000005000000010006757465",
        "6e7469000000000000000000000007ffffffff00009e484f460000002d97f9e69504000473696e6b00000000",
        "000000000000000100067574656e746900000000ffffffffffffffffffffffff00009e484f460000002d3de3",
        "5aa6010004676f6e6500000000000000060000000100067574656e7469000000000000000000000001ffffff",
        "ff00009e484f4600000013682c3745030004676f6e65000000000000000000000000",
    ].joined()

    @Test func deletionsHaveTheirGoldenBytes() throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("offsets")
            let (store, _) = try OffsetStore.open(at: path)
            try store.commit(group: "sink", [first: CommittedOffset(offset: 7)], at: 5)
            try store.forget([first], of: "sink")
            #expect(try !store.forget(group: "gone"), "it has nothing")
            try store.commit(group: "gone", [first: CommittedOffset(offset: 1)], at: 6)
            #expect(try store.forget(group: "gone"))
            #expect(try Data(contentsOf: URL(fileURLWithPath: path.string)) == Self.bytes(Self.goldenDeletions))
        }
    }

    @Test func everyTornTailIsCutAndReported() throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("offsets").string
            var lengths: [Int] = []
            do {
                let (store, _) = try OffsetStore.open(at: FilePath(path))
                for offset in 1...3 {
                    try store.commit(group: "sink", [first: CommittedOffset(offset: Int64(offset))])
                    lengths.append(store.byteCount)
                }
            }
            let whole = try Data(contentsOf: URL(fileURLWithPath: path))
            for length in 0...whole.count {
                try whole.prefix(length).write(to: URL(fileURLWithPath: path))
                let (store, recovery) = try OffsetStore.open(at: FilePath(path))
                let survivors = lengths.filter { $0 <= length }.count
                #expect(
                    store.offsets(of: "sink")[first]?.offset == (survivors == 0 ? nil : Int64(survivors))
                )
                #expect(
                    recovery.bytesCut == (length < 8 ? 0 : length - (lengths.last { $0 <= length } ?? 8))
                )
                // What is committed next stands behind whole entries.
                try store.commit(group: "sink", [first: CommittedOffset(offset: 50)])
                let (again, second) = try OffsetStore.open(at: FilePath(path))
                #expect(second.bytesCut == 0)
                #expect(again.offsets(of: "sink")[first]?.offset == 50)
            }
        }
    }

    @Test func damagedEntryIsSetAsideAndTheRestIsKept() throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("offsets").string
            var ends: [Int] = []
            do {
                let (store, _) = try OffsetStore.open(at: FilePath(path))
                for group in ["a", "b", "c"] {
                    try store.commit(group: group, [first: CommittedOffset(offset: 1)])
                    ends.append(store.byteCount)
                }
            }
            let whole = try Data(contentsOf: URL(fileURLWithPath: path))
            for place in ends[0]..<ends[1] {
                var bytes = whole
                bytes[place] ^= 0x10
                try bytes.write(to: URL(fileURLWithPath: path))
                let (store, recovery) = try OffsetStore.open(at: FilePath(path))
                #expect(store.offsets(of: "a")[first]?.offset == 1)
                #expect(store.offsets(of: "b").isEmpty)
                #expect(store.offsets(of: "c")[first]?.offset == 1, "bit at \(place)")
                #expect(recovery.bytesCut == 0)
                #expect(recovery.bytesDamaged == ends[1] - ends[0])
                let aside = try Data(contentsOf: URL(fileURLWithPath: try #require(recovery.damagedPath?.string)))
                #expect(aside == bytes[ends[0]..<ends[1]])
                let (_, again) = try OffsetStore.open(at: FilePath(path))
                #expect(again == OffsetRecovery(groups: 2, bytesCut: 0), "it is set aside once")
            }
        }
    }

    @Test func damagedLastEntryIsSetAside() throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("offsets").string
            var length = 0
            do {
                let (store, _) = try OffsetStore.open(at: FilePath(path))
                try store.commit(group: "sink", [first: CommittedOffset(offset: 1)])
                length = store.byteCount
                try store.commit(group: "sink", [first: CommittedOffset(offset: 2)])
            }
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            bytes[bytes.count - 1] ^= 1
            try bytes.write(to: URL(fileURLWithPath: path))
            let (store, recovery) = try OffsetStore.open(at: FilePath(path))
            #expect(store.offsets(of: "sink")[first]?.offset == 1)
            #expect(recovery.bytesDamaged == bytes.count - length)
        }
    }

    /// A journal of the first format: group `sink` has 7 (epoch 2, note `n`) in utenti-0 and 9 in premi-1, `old` has 1 in
    /// utenti-0, and a topic was deleted.
    private static let goldenFirst = [
        "484552414f4646310000003f244d4fd701000473696e6b0000000200057072656d6900000001000000000000",
        "0009ffffffff000000067574656e74690000000000000000000000070000000200016e0000002472eddded01",
        "00036f6c640000000100067574656e7469000000000000000000000001ffffffff0000000000237d2b2c8801",
        "0004676f6e65000000010004676f6e65000000000000000000000001ffffffff00000000000bd04e43220200",
        "04676f6e6500000000",
    ].joined()

    private static func bytes(_ hexadecimal: String) -> Data {
        let digits = Array(hexadecimal)
        return Data(
            stride(from: 0, to: digits.count, by: 2).compactMap {
                UInt8(String(digits[$0...$0 + 1]), radix: 16)
            }
        )
    }

    private func expectGolden(_ store: OffsetStore) {
        #expect(
            store.offsets(of: "sink") == [
                first: CommittedOffset(offset: 7, leaderEpoch: 2, metadata: "n"),
                second: CommittedOffset(offset: 9),
            ]
        )
        #expect(store.offsets(of: "old") == [first: CommittedOffset(offset: 1)])
        #expect(store.offsets(of: "gone").isEmpty)
    }

    @Test func journalOfTheFirstFormatIsMigrated() throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("offsets").string
            try Self.bytes(Self.goldenFirst).write(to: URL(fileURLWithPath: path))
            for now in [Int64(1_000), 2_000] {
                let (store, recovery) = try OffsetStore.open(at: FilePath(path), now: now)
                #expect(recovery == OffsetRecovery(groups: 2, bytesCut: 0))
                expectGolden(store)
                #expect(try store.expire(before: 1_000, now: now) { _ in false }.isEmpty, "their time began at 1,000")
            }
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)).prefix(8) == Data("HERAOFF2".utf8))
        }
    }

    @Test func damageInTheFirstFormatLosesNoOtherEntry() throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("offsets").string
            var bytes = Self.bytes(Self.goldenFirst)
            bytes[8] ^= 0x40
            try bytes.write(to: URL(fileURLWithPath: path))
            let (store, recovery) = try OffsetStore.open(at: FilePath(path))
            #expect(store.offsets(of: "sink").isEmpty)
            #expect(store.offsets(of: "old") == [first: CommittedOffset(offset: 1)])
            #expect(recovery.bytesDamaged > 0)
        }
    }

    @Test func laterVersionIsRefusedAndLeftAlone() throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("offsets").string
            try Data("HERAOFF3 whatever".utf8).write(to: URL(fileURLWithPath: path))
            let error = #expect(throws: IngestorError.self) { _ = try OffsetStore.open(at: FilePath(path)) }
            #expect(error?.message.contains("newer") == true)
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "HERAOFF3 whatever")
        }
    }

    @Test func offsetsOfUnusedGroupsExpire() throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("offsets").string
            do {
                let (store, _) = try OffsetStore.open(at: FilePath(path))
                for (group, time) in [("old", Int64(10)), ("used", 10), ("new", 100)] {
                    try store.commit(group: group, [first: CommittedOffset(offset: 1)], at: time)
                }
                #expect(try store.expire(before: 50, now: 200) { $0 == "used" } == ["old"])
                #expect(
                    try store.expire(before: 150, now: 300) { _ in false } == ["new"],
                    "used had members at 200"
                )
            }
            let (store, recovery) = try OffsetStore.open(at: FilePath(path))
            #expect(recovery.groups == 1)
            #expect(store.offsets(of: "used")[first]?.offset == 1)
        }
    }

    @Test func offsetsAreBoundedInGroupsAndBytes() throws {
        try withTemporaryDirectory { directory in
            let (store, _) = try OffsetStore.open(at: directory.appending("offsets"))
            let note = [first: CommittedOffset(offset: 1, metadata: String(repeating: "x", count: 1_000))]
            #expect(!store.isFull(for: "a", note, groupsMax: 1, bytesMax: 2_000))
            try store.commit(group: "a", note)
            #expect(store.isFull(for: "b", note, groupsMax: 1, bytesMax: 10_000))
            #expect(store.isFull(for: "b", note, groupsMax: 2, bytesMax: 2_000))
            #expect(!store.isFull(for: "a", note, groupsMax: 1, bytesMax: 1_000), "it adds nothing")
            try store.forget(topic: "utenti")
            #expect(!store.isFull(for: "b", note, groupsMax: 1, bytesMax: 2_000))
        }
    }

    @Test(arguments: ["another program's bytes", "other", "HERAOFX"])
    func foreignFileIsRefusedAndLeftAlone(content: String) throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("offsets")
            try Data(content.utf8).write(to: URL(fileURLWithPath: path.string))
            #expect(throws: IngestorError.self) { _ = try OffsetStore.open(at: path) }
            #expect(try String(contentsOfFile: path.string, encoding: .utf8) == content)
        }
    }

    @Test(arguments: [[], Array("HERAO".utf8), [0, 0, 0]])
    func journalWithoutItsWholeHeaderIsBegunAnew(content: [UInt8]) throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("offsets")
            try Data(content).write(to: URL(fileURLWithPath: path.string))
            _ = try OffsetStore.open(at: path).store.commit(group: "sink", [first: CommittedOffset(offset: 1)])
            #expect(try OffsetStore.open(at: path).store.offset(of: "sink", first)?.offset == 1)
        }
    }

    @Test func deletedTopicIsForgottenForGood() throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("offsets").string
            do {
                let (store, _) = try OffsetStore.open(at: FilePath(path))
                try store.commit(
                    group: "sink",
                    [first: CommittedOffset(offset: 1), second: CommittedOffset(offset: 2)]
                )
                try store.forget(topic: "utenti")
                #expect(store.offsets(of: "sink") == [second: CommittedOffset(offset: 2)])
            }
            let (store, _) = try OffsetStore.open(at: FilePath(path))
            #expect(store.offsets(of: "sink") == [second: CommittedOffset(offset: 2)])
        }
    }

    @Test func offsetsOfATopicThatIsDeletedMeanwhileAreNotTaken() throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("offsets").string
            do {
                let (store, _) = try OffsetStore.open(at: FilePath(path))
                let taken = try store.commit(
                    group: "sink",
                    [first: CommittedOffset(offset: 1), second: CommittedOffset(offset: 2)],
                    at: 0,
                    ofTopicsThat: { $0 != "utenti" }
                )
                #expect(taken == [second])
                #expect(store.offsets(of: "sink") == [second: CommittedOffset(offset: 2)])
            }
            let (store, _) = try OffsetStore.open(at: FilePath(path))
            #expect(store.offsets(of: "sink") == [second: CommittedOffset(offset: 2)])
        }
    }

    @Test func journalIsWrittenAnewWhenItHasGrown() throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("offsets").string
            let note = String(repeating: "x", count: 4000)
            do {
                let (store, _) = try OffsetStore.open(at: FilePath(path))
                for offset in 0..<400 {
                    try store.commit(
                        group: "sink",
                        [first: CommittedOffset(offset: Int64(offset), metadata: note)]
                    )
                }
                #expect(store.byteCount > 1024 * 1024)
                try store.compactIfWorthwhile()
                #expect(store.byteCount < 8192)
                try store.commit(group: "sink", [second: CommittedOffset(offset: 3)])
                try store.flush()
            }
            let (store, recovery) = try OffsetStore.open(at: FilePath(path))
            #expect(recovery.bytesCut == 0)
            #expect(store.offsets(of: "sink")[first]?.offset == 399)
            #expect(store.offsets(of: "sink")[second]?.offset == 3)
        }
    }
}

extension OffsetStore {
    /// Commits at the present time, so that no maintenance takes the group for one that was given up long ago.
    func commit(group: String, _ offsets: [TopicPartition: CommittedOffset]) throws(IngestorError) {
        try commit(group: group, offsets, at: Int64(Date().timeIntervalSince1970 * 1000))
    }
}
