import CommitLog
import Files
import KafkaTopics
import PipelineTesting
import SystemPackage
import Testing

@testable import Ingestor

/// What was acknowledged is there again, whichever call of the disk failed meanwhile.
@Suite(.timeLimit(.minutes(15))) struct OffsetStoreFaultTests {
    private let first = TopicPartition(topic: "utenti", partition: 0)
    private let second = TopicPartition(topic: "premi", partition: 1)

    @Test func failedCommitLeavesNothingBehind() throws {
        try withTemporaryDirectory { root in
            let disk = FaultyDisk()
            try withOffsets(in: root, calls: disk.calls) { store, _, _ in
                try store.commit(group: "sink", [first: CommittedOffset(offset: 1)])
                disk.fail([.write])
                #expect(throws: IngestorError.self) {
                    try store.commit(group: "sink", [second: CommittedOffset(offset: 1)])
                }
                #expect(throws: IngestorError.self) { try store.forget(topics: ["utenti"]) }
                #expect(store.offsets(of: "sink") == [first: CommittedOffset(offset: 1)])
                disk.fail([])
                try store.commit(group: "sink", [second: CommittedOffset(offset: 2)])
            }
            try withOffsets(in: root) { store, _, _ in
                #expect(store.offsets(of: "sink")[first]?.offset == 1)
                #expect(store.offsets(of: "sink")[second]?.offset == 2)
            }
        }
    }

    @Test func afterAFailedFlushNothingIsTakenUntilTheNextStart() throws {
        try withTemporaryDirectory { root in
            let disk = FaultyDisk()
            try withOffsets(in: root, calls: disk.calls) { store, _, _ in
                try store.commit(group: "sink", [first: CommittedOffset(offset: 1)])
                disk.fail([.synchronizeFile])
                #expect(throws: IngestorError.self) { try store.flush() }
                disk.fail([])
                #expect(throws: IngestorError.self, "the device says nothing of the lost pages any more") {
                    try store.flush()
                }
                #expect(throws: IngestorError.self) {
                    try store.commit(group: "sink", [first: CommittedOffset(offset: 2)])
                }
            }
            try withOffsets(in: root) { store, _, _ in
                #expect(store.offsets(of: "sink")[first]?.offset == 1)
                try store.commit(group: "sink", [first: CommittedOffset(offset: 3)])
                try store.flush()
            }
        }
    }
}

/// The power goes at any moment: what a flush forced to the device is there again, and no group goes back before it.
@Suite(.timeLimit(.minutes(15))) struct OffsetStorePowerCutTests {
    private let partition = TopicPartition(topic: "utenti", partition: 0)

    @Test(arguments: Seeds.chosen(Array(1...12)))
    func flushedOffsetsSurviveEveryCut(seed: UInt64) throws {
        try withSeed(seed) { generator in
            try withTemporaryDirectory { path in
                let root = path.appending("root")
                try Disk().makeDirectory(root)
                var calls = DiskCalls.system
                calls.synchronize = { _ in }
                let power = try PowerLoss(below: root, calls: calls)
                // The greatest offset that was flushed, and the greatest one committed, by the operation behind it.
                var history: [(operation: Int, flushed: Int64, committed: Int64)] = []
                try withOffsets(in: root, calls: power.calls) { store, _, manager in
                    var (flushed, committed) = (Int64(-1), Int64(-1))
                    for offset in 0..<200 {
                        committed = Int64(offset)
                        history.append((power.operationCount, flushed, committed))
                        try store.commit(group: "sink", [partition: CommittedOffset(offset: committed)])
                        if generator.chance(1, in: 12) {
                            try store.flush()
                            flushed = committed
                            history.append((power.operationCount, flushed, committed))
                        }
                        if generator.chance(1, in: 40) { manager.maintain(now: timeOfDay) }
                    }
                }
                for number in 0..<20 {
                    let cut = Int.random(in: 0...power.operationCount, using: &generator)
                    let copy = path.appending("cut-\(number)")
                    try power.materialize(in: copy, after: cut, using: &generator)
                    try withOffsets(in: copy, boot: "b") { store, _, _ in
                        let offset = store.offset(of: "sink", partition)?.offset ?? -1
                        let known = history.last { $0.operation <= cut }
                        #expect(offset >= known?.flushed ?? -1, "cut after operation \(cut)")
                        #expect(offset <= known?.committed ?? -1, "cut after operation \(cut)")
                    }
                }
            }
        }
    }
}
