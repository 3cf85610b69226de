import Files
import Ingestor
import KafkaTopics
import PipelineTesting
import SystemPackage
import Testing

/// What was acknowledged is there again, whichever call of the disk failed meanwhile.
@Suite(.timeLimit(.minutes(15))) struct OffsetStoreFaultTests {
    private let first = TopicPartition(topic: "utenti", partition: 0)
    private let second = TopicPartition(topic: "premi", partition: 1)

    /// A store whose journal is worth being written anew.
    private func withGrownStore(
        _ body: (OffsetStore, FaultyDisk, _ reopened: () throws -> OffsetStore) throws -> Void
    ) throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("offsets")
            let disk = FaultyDisk()
            let (store, _) = try OffsetStore.open(at: path, disk: disk.disk)
            let note = String(repeating: "x", count: 4000)
            for offset in 0..<300 {
                try store.commit(group: "sink", [first: CommittedOffset(offset: Int64(offset), metadata: note)])
            }
            try body(store, disk) {
                let (again, recovery) = try OffsetStore.open(at: path)
                #expect(recovery.bytesCut == 0)
                return again
            }
        }
    }

    /// Calls that can fail while the journal is written anew, and whether the new one has its place by then.
    static let faults: [(FaultyDisk.Call, isReplaced: Bool)] = [
        (.write, false), (.synchronizeFile, false), (.rename, false), (.synchronizeDirectory, true),
    ]

    @Test(arguments: faults.indices)
    func commitsAfterAFailedCompactionAreKept(index: Int) throws {
        let (fault, isReplaced) = Self.faults[index]
        try withGrownStore { store, disk, reopened in
            let length = store.byteCount
            disk.fail([fault])
            #expect(throws: IngestorError.self) { try store.compactIfWorthwhile() }
            #expect((store.byteCount < length) == isReplaced)
            disk.fail([])
            try store.commit(group: "sink", [second: CommittedOffset(offset: 3)])
            #expect(try reopened().offsets(of: "sink")[second]?.offset == 3)
            #expect(try reopened().offsets(of: "sink")[first]?.offset == 299)
            try store.compactIfWorthwhile()
            #expect(store.byteCount < 8192)
            #expect(try reopened().offsets(of: "sink")[second]?.offset == 3)
        }
    }

    @Test func nameOfTheNewJournalIsBroughtToDiskByTheNextFlush() throws {
        try withGrownStore { store, disk, _ in
            disk.fail([.synchronizeDirectory])
            #expect(throws: IngestorError.self) { try store.compactIfWorthwhile() }
            #expect(throws: IngestorError.self, "the old file would be back after a power cut") { try store.flush() }
            disk.fail([])
            try store.flush()
            let count = disk.count(of: .synchronizeDirectory)
            try store.flush()
            #expect(disk.count(of: .synchronizeDirectory) == count, "once is enough")
        }
    }

    @Test func commitsDoNotWaitForACompaction() throws {
        try withGrownStore { store, disk, reopened in
            let second = second
            disk.whileNextFileIsSynchronized {
                // This would never return if the journal were locked by now.
                #expect(throws: Never.self) {
                    try store.commit(group: "other", [second: CommittedOffset(offset: 5)])
                    try store.forget(topic: "utenti")
                }
            }
            try store.compactIfWorthwhile()
            #expect(store.byteCount < 8192)
            #expect(try reopened().offsets(of: "other") == [second: CommittedOffset(offset: 5)])
            #expect(try reopened().offsets(of: "sink").isEmpty)
        }
    }

    @Test(arguments: [[FaultyDisk.Call.write], [.write, .truncate]])
    func failedCommitLeavesNothingBehind(faults: Set<FaultyDisk.Call>) throws {
        try withGrownStore { store, disk, reopened in
            disk.fail(faults)
            #expect(throws: IngestorError.self) {
                try store.commit(group: "sink", [second: CommittedOffset(offset: 1)])
            }
            #expect(store.offsets(of: "sink")[second] == nil)
            disk.fail([])
            try store.commit(group: "sink", [second: CommittedOffset(offset: 2)])
            #expect(try reopened().offsets(of: "sink")[second]?.offset == 2)
        }
    }

    @Test func afterAFailedFlushTheJournalIsWrittenAnew() throws {
        try withGrownStore { store, disk, reopened in
            let length = store.byteCount
            disk.fail([.synchronizeFile])
            #expect(throws: IngestorError.self) { try store.flush() }
            disk.fail([.rename])
            #expect(throws: IngestorError.self, "the device says nothing of the lost pages any more") {
                try store.flush()
            }
            #expect(store.byteCount == length)
            disk.fail([])
            try store.flush()
            #expect(store.byteCount < 8192)
            #expect(try reopened().offsets(of: "sink")[first]?.offset == 299)
            let count = disk.count(of: .rename)
            try store.flush()
            #expect(disk.count(of: .rename) == count, "once is enough")
        }
    }

    @Test func diskThatTakesNothingIsNotAskedForEver() {
        withTemporaryDirectory { directory in
            var calls = DiskCalls.system
            calls.write = { _, _, _, _ in 0 }
            let path = directory.appending("offsets")
            #expect(throws: IngestorError.self) {
                _ = try OffsetStore.open(at: path, disk: Disk(calls: calls))
            }
        }
    }
}

/// The power goes at any moment: what a flush forced to the device is there again, and no group goes back before it.
@Suite(.timeLimit(.minutes(15))) struct OffsetStorePowerCutTests {
    private let partition = TopicPartition(topic: "utenti", partition: 0)
    private let name = "committed-offsets"

    @Test(arguments: Seeds.chosen(Array(1...12)))
    func flushedOffsetsSurviveEveryCut(seed: UInt64) throws {
        try withSeed(seed) { generator in
            try withTemporaryDirectory { path in
                let root = path.appending("root")
                try Disk().makeDirectory(root)
                var calls = DiskCalls.system
                calls.synchronize = { _ in }
                let power = try PowerLoss(below: root, calls: calls)
                let store = try OffsetStore.open(at: root.appending(name), disk: Disk(calls: power.calls)).store
                let note = String(repeating: "x", count: 4000)
                // The greatest offset that was flushed, and the greatest one committed, by the operation behind it.
                var history: [(operation: Int, flushed: Int64, committed: Int64)] = []
                var (flushed, committed) = (Int64(-1), Int64(-1))
                for offset in 0..<320 {
                    committed = Int64(offset)
                    history.append((power.operationCount, flushed, committed))
                    try store.commit(group: "sink", [partition: CommittedOffset(offset: committed, metadata: note)])
                    if generator.chance(1, in: 12) {
                        try store.flush()
                        flushed = committed
                        history.append((power.operationCount, flushed, committed))
                    }
                    if generator.chance(1, in: 40) { try store.compactIfWorthwhile() }
                }
                for number in 0..<20 {
                    let cut = Int.random(in: 0...power.operationCount, using: &generator)
                    let copy = path.appending("cut-\(number)")
                    try power.materialize(in: copy, after: cut, using: &generator)
                    let (again, _) = try OffsetStore.open(at: copy.appending(name))
                    let offset = again.offset(of: "sink", partition)?.offset ?? -1
                    let known = history.last { $0.operation <= cut }
                    #expect(offset >= known?.flushed ?? -1, "cut after operation \(cut)")
                    #expect(offset <= known?.committed ?? -1, "cut after operation \(cut)")
                }
            }
        }
    }
}
