import Files
import Ingestor
import KafkaTopics
import PipelineTesting
import SystemPackage
import Testing

/// The power goes at any moment: what a flush forced to the device is there again, and no group goes back before it.
@Suite(.timeLimit(.minutes(5))) struct OffsetStorePowerCutTests {
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
