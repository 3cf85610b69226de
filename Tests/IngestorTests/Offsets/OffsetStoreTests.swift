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
                let (store, recovery) = try OffsetStore.open(at: path)
                #expect(recovery == OffsetRecovery(groups: 0, bytesCut: 0))
                try store.commit(group: "sink", [first: CommittedOffset(offset: 7, leaderEpoch: 2, metadata: "note")])
                try store.commit(group: "sink", [second: CommittedOffset(offset: 9)])
                try store.commit(group: "sink", [first: CommittedOffset(offset: 8)])
                try store.commit(group: "other", [first: CommittedOffset(offset: 1)])
            }
            let (store, recovery) = try OffsetStore.open(at: path)
            #expect(recovery == OffsetRecovery(groups: 2, bytesCut: 0))
            #expect(
                store.offsets(of: "sink") == [first: CommittedOffset(offset: 8), second: CommittedOffset(offset: 9)]
            )
            #expect(store.offsets(of: "other") == [first: CommittedOffset(offset: 1)])
            #expect(store.offsets(of: "nobody").isEmpty)
        }
    }

    @Test func everyTornTailIsCutAndReported() throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("offsets").string
            var lengths: [Int] = []
            do {
                let (store, _) = try OffsetStore.open(at: path)
                for offset in 1...3 {
                    try store.commit(group: "sink", [first: CommittedOffset(offset: Int64(offset))])
                    lengths.append(store.byteCount)
                }
            }
            let whole = try Data(contentsOf: URL(fileURLWithPath: path))
            for length in 0...whole.count {
                try whole.prefix(length).write(to: URL(fileURLWithPath: path))
                let (store, recovery) = try OffsetStore.open(at: path)
                let survivors = lengths.filter { $0 <= length }.count
                #expect(store.offsets(of: "sink")[first]?.offset == (survivors == 0 ? nil : Int64(survivors)))
                #expect(recovery.bytesCut == (length < 8 ? 0 : length - (lengths.last { $0 <= length } ?? 8)))
                // What is committed next stands behind whole entries.
                try store.commit(group: "sink", [first: CommittedOffset(offset: 50)])
                let (again, second) = try OffsetStore.open(at: path)
                #expect(second.bytesCut == 0)
                #expect(again.offsets(of: "sink")[first]?.offset == 50)
            }
        }
    }

    @Test func damagedEntryEndsTheJournal() throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("offsets").string
            var length = 0
            do {
                let (store, _) = try OffsetStore.open(at: path)
                try store.commit(group: "sink", [first: CommittedOffset(offset: 1)])
                length = store.byteCount
                try store.commit(group: "sink", [first: CommittedOffset(offset: 2)])
            }
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            bytes[bytes.count - 1] ^= 1
            try bytes.write(to: URL(fileURLWithPath: path))
            let (store, recovery) = try OffsetStore.open(at: path)
            #expect(store.offsets(of: "sink")[first]?.offset == 1)
            #expect(recovery.bytesCut == bytes.count - length)
        }
    }

    @Test func foreignFileIsRefusedAndLeftAlone() throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("offsets").string
            try Data("somebody else's bytes".utf8).write(to: URL(fileURLWithPath: path))
            #expect(throws: IngestorError.self) { _ = try OffsetStore.open(at: path) }
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "somebody else's bytes")
        }
    }

    @Test func deletedTopicIsForgottenForGood() throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("offsets").string
            do {
                let (store, _) = try OffsetStore.open(at: path)
                try store.commit(
                    group: "sink",
                    [first: CommittedOffset(offset: 1), second: CommittedOffset(offset: 2)]
                )
                try store.forget(topic: "utenti")
                #expect(store.offsets(of: "sink") == [second: CommittedOffset(offset: 2)])
            }
            let (store, _) = try OffsetStore.open(at: path)
            #expect(store.offsets(of: "sink") == [second: CommittedOffset(offset: 2)])
        }
    }

    @Test func offsetsOfATopicThatIsDeletedMeanwhileAreNotTaken() throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("offsets").string
            do {
                let (store, _) = try OffsetStore.open(at: path)
                let taken = try store.commit(
                    group: "sink",
                    [first: CommittedOffset(offset: 1), second: CommittedOffset(offset: 2)],
                    ofTopicsThat: { $0 != "utenti" }
                )
                #expect(taken == [second])
                #expect(store.offsets(of: "sink") == [second: CommittedOffset(offset: 2)])
            }
            let (store, _) = try OffsetStore.open(at: path)
            #expect(store.offsets(of: "sink") == [second: CommittedOffset(offset: 2)])
        }
    }

    @Test func journalIsWrittenAnewWhenItHasGrown() throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("offsets").string
            let note = String(repeating: "x", count: 4000)
            do {
                let (store, _) = try OffsetStore.open(at: path)
                for offset in 0..<400 {
                    try store.commit(group: "sink", [first: CommittedOffset(offset: Int64(offset), metadata: note)])
                }
                #expect(store.byteCount > 1024 * 1024)
                try store.compactIfWorthwhile()
                #expect(store.byteCount < 8192)
                try store.commit(group: "sink", [second: CommittedOffset(offset: 3)])
                try store.flush()
            }
            let (store, recovery) = try OffsetStore.open(at: path)
            #expect(recovery.bytesCut == 0)
            #expect(store.offsets(of: "sink")[first]?.offset == 399)
            #expect(store.offsets(of: "sink")[second]?.offset == 3)
        }
    }
}
