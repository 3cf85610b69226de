import Files
import KafkaTopics
import PipelineTesting
import SystemPackage
import Testing

@testable import Ingestor

/// The journals of earlier versions, and what is taken over of them.
@Suite struct OffsetJournalTests {
    private let first = TopicPartition(topic: "utenti", partition: 0)
    private let second = TopicPartition(topic: "premi", partition: 1)

    /// A journal of the first format: group `sink` has 7 (epoch 2, note `n`) in utenti-0 and 9 in premi-1, `old` has 1 in
    /// utenti-0, and a topic was deleted.
    private static let goldenFirst = [
        "484552414f4646310000003f244d4fd701000473696e6b0000000200057072656d6900000001000000000000",
        "0009ffffffff000000067574656e74690000000000000000000000070000000200016e0000002472eddded01",
        "00036f6c640000000100067574656e7469000000000000000000000001ffffffff0000000000237d2b2c8801",
        "0004676f6e65000000010004676f6e65000000000000000000000001ffffffff00000000000bd04e43220200",
        "04676f6e6500000000",
    ].joined()

    /// The group `sink` commits 7 in utenti-0 and that is deleted; then the group `gone` is, which has 1 there.
    private static let goldenDeletions = [
        "484552414f4646329e484f460000002d5140c54a01000473696e6b0000000000000005000000010006757465",
        "6e7469000000000000000000000007ffffffff00009e484f460000002d97f9e69504000473696e6b00000000",
        "000000000000000100067574656e746900000000ffffffffffffffffffffffff00009e484f460000002d3de3",
        "5aa6010004676f6e6500000000000000060000000100067574656e7469000000000000000000000001ffffff",
        "ff00009e484f4600000013682c3745030004676f6e65000000000000000000000000",
    ].joined()

    /// Where the entries of ``goldenDeletions`` end.
    private static let ends = [65, 122, 179, 210]

    /// What is there after each of them.
    private static let states = [[], ["sink"], [], ["gone"], []]

    /// Opens a root that has this journal, and once more what that left.
    private func withJournal(
        _ content: [UInt8],
        _ body: (OffsetStore, OffsetRecovery, _ root: FilePath) throws -> Void
    ) throws {
        try withTemporaryDirectory { root in
            let path = root.appending(OffsetStore.journalName)
            try Disk().replace(path, with: content)
            try withOffsets(in: root) { store, recovery, _ in try body(store, recovery, root) }
            #expect(try Disk().contents(of: path) == nil, "it is taken over, once")
            try withOffsets(in: root) { store, recovery, _ in
                #expect(recovery.bytesCut == 0 && recovery.bytesDamaged == 0)
                try body(store, OffsetRecovery(), root)
            }
        }
    }

    @Test func journalOfTheFirstFormatIsTakenOver() throws {
        try withJournal(bytes(hexadecimal: Self.goldenFirst)) { store, recovery, _ in
            #expect(recovery.bytesCut == 0 && recovery.damagedPath == nil)
            #expect(
                store.offsets(of: "sink") == [
                    first: CommittedOffset(offset: 7, leaderEpoch: 2, metadata: "n"),
                    second: CommittedOffset(offset: 9),
                ]
            )
            #expect(store.offsets(of: "old") == [first: CommittedOffset(offset: 1)])
            #expect(store.groupNames == ["sink", "old"])
            let expired = try store.expire(lastCommittedIn: 0..<timeOfDay, now: timeOfDay) { _ in false }
            #expect(expired.isEmpty, "their time began now")
        }
    }

    @Test func everyTornTailIsLeftOut() throws {
        let whole = bytes(hexadecimal: Self.goldenDeletions)
        #expect(Self.ends.last == whole.count)
        for length in 0...whole.count {
            try withJournal(Array(whole.prefix(length))) { store, recovery, _ in
                let complete = Self.ends.filter { $0 <= length }
                #expect(Array(store.groupNames) == Self.states[complete.count], "cut at \(length)")
                guard recovery != OffsetRecovery() else { return }
                #expect(recovery.bytesCut == (length < 8 ? 0 : length - (complete.last ?? 8)))
            }
        }
    }

    @Test func timesOfCommitsAreTakenOver() throws {
        let whole = bytes(hexadecimal: Self.goldenDeletions)
        try withJournal(Array(whole.prefix(Self.ends[0]))) { store, _, _ in
            let expired = try store.expire(lastCommittedIn: 0..<5, now: timeOfDay) { _ in false }
            #expect(expired.isEmpty)
            #expect(store.groupNames == ["sink"])
        }
        try withTemporaryDirectory { root in
            try Disk().replace(root.appending(OffsetStore.journalName), with: Array(whole.prefix(Self.ends[0])))
            try withOffsets(in: root) { store, _, _ in
                let expired = try store.expire(lastCommittedIn: 0..<6, now: timeOfDay) { _ in false }
                #expect(expired == ["sink"])
            }
        }
    }

    @Test func damagedEntryIsSetAsideAndTheRestIsKept() throws {
        let whole = bytes(hexadecimal: Self.goldenDeletions)
        for place in Self.ends[0]..<Self.ends[1] {
            var content = Array(whole.prefix(Self.ends[2]))
            content[place] ^= 0x10
            try withJournal(content) { store, recovery, _ in
                #expect(store.groupNames == ["sink", "gone"], "bit at \(place)")
                guard recovery != OffsetRecovery() else { return }
                #expect(recovery.bytesCut == 0)
                #expect(recovery.bytesDamaged == Self.ends[1] - Self.ends[0])
                let aside = try Disk().contents(of: try #require(recovery.damagedPath))
                #expect(aside == Array(content[Self.ends[0]..<Self.ends[1]]))
            }
        }
    }

    @Test func damageInTheFirstFormatLosesNoOtherEntry() throws {
        var content = bytes(hexadecimal: Self.goldenFirst)
        content[8] ^= 0x40
        try withJournal(content) { store, recovery, _ in
            #expect(store.groupNames == ["old"])
            if recovery != OffsetRecovery() { #expect(recovery.bytesDamaged > 0) }
        }
    }

    @Test(arguments: [[], Array("HERAO".utf8), [0, 0, 0]])
    func journalWithoutItsWholeHeaderIsEmpty(content: [UInt8]) throws {
        try withJournal(content) { store, _, _ in #expect(store.groupNames.isEmpty) }
    }

    @Test(arguments: ["HERAOFF3 whatever", "another program's bytes", "other", "HERAOFX"])
    func foreignFileIsRefusedAndLeftAlone(content: String) throws {
        try withTemporaryDirectory { root in
            let path = root.appending(OffsetStore.journalName)
            try Disk().replace(path, with: Array(content.utf8))
            let error = #expect(throws: IngestorError.self) { try withOffsets(in: root) { _, _, _ in } }
            #expect(error?.message.contains("newer") == content.hasPrefix("HERAOFF"))
            #expect(try Disk().contents(of: path) == Array(content.utf8))
        }
    }
}
