import ConnectAPI
import Files
import HDFSSink
import PipelineTesting
import Storage
import Synchronization
import SystemPackage
import Testing

/// The power goes at any moment: what was not forced to the disk is lost or torn. What a commit record names is there all
/// the same, and the writer that takes over afterwards files the rest once.
@Suite(.timeLimit(.minutes(15))) struct SinkPowerLossTests {
    static let end: Int64 = 24
    /// Cuts of one history: at operations chosen by the seed.
    static let cuts = 60

    /// A sink on a disk that remembers what was forced to it. Forcing in earnest would only take time.
    private static func disk() throws -> (SinkHarness, PowerLoss) {
        var power: PowerLoss?
        let harness = try SinkHarness { directory in
            var calls = DiskCalls.system
            calls.synchronize = { _ in }
            let loss = try PowerLoss(below: directory.path, calls: calls)
            power = loss
            return loss.calls
        }
        return (harness, try #require(power))
    }

    /// The rest of a history after the power cut: it needs no help, and each record is filed once.
    private static func expectRest(
        _ power: PowerLoss,
        after operation: Int,
        _ random: inout SeededGenerator,
        _ comment: Comment
    ) async throws {
        let harness = SinkHarness()
        try power.materialize(in: harness.directory.path, after: operation, using: &random)
        try await SinkHarness.run(harness.task(writer: "after"), upTo: Self.end)
        try await harness.expectWhole(upTo: Self.end, comment)
    }

    @Test(arguments: Seeds.chosen([1, 2, 3, 4])) func aCutAtAnyMomentLosesNothingCommitted(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let (harness, power) = try Self.disk()
        try await SinkHarness.run(harness.task(), upTo: Self.end, size: Int64.random(in: 1...9, using: &random))
        try await harness.expectWhole(upTo: Self.end, "seed \(seed)")
        for _ in 0..<Self.cuts {
            let cut = Int.random(in: 0...power.operationCount, using: &random)
            try await Self.expectRest(power, after: cut, &random, "seed \(seed), cut after operation \(cut)")
        }
    }

    /// A writer is killed between two system calls, another one goes on with what the kernel still has, and then the power
    /// goes: nothing relies on a name that the first one made and did not force to the disk.
    @Test(arguments: Seeds.chosen([11, 12, 13, 14])) func aCutAfterAKillLosesNothingCommitted(seed: UInt64) async throws
    {
        var random = SeededGenerator(seed: seed)
        var callsOfARun = 0
        for round in 0..<12 {
            let (harness, power) = try Self.disk()
            // The first round only counts.
            let count = Mutex(0)
            let kill = round == 0 ? Int.max : Int.random(in: 0..<callsOfARun, using: &random)
            let dying = LocalFileSystem(
                root: harness.directory.path,
                durability: .synchronized,
                calls: power.calls.failing(.ioError) {
                    count.withLock { count in
                        count += 1
                        return count > kill
                    }
                }
            )
            do {
                try await SinkHarness.run(harness.task(on: dying), upTo: Self.end)
            } catch {
                #expect(round > 0, "\(error)")
            }
            if round == 0 { callsOfARun = count.withLock { $0 } }
            let killed = power.operationCount
            // A process of its own: it knows nothing of what the first one forced to the disk.
            let second = LocalFileSystem(root: harness.directory.path, durability: .synchronized, calls: power.calls)
            try await SinkHarness.run(harness.task(on: second, writer: "second"), upTo: Self.end)
            for _ in 0..<12 {
                let cut = Int.random(in: killed...power.operationCount, using: &random)
                let comment: Comment = "seed \(seed), killed at \(kill), cut after operation \(cut)"
                try await Self.expectRest(power, after: cut, &random, comment)
            }
        }
    }
}
