import Community
import GroundTruth
import Testing

@testable import DataSource

@Suite(.timeLimit(.minutes(15))) struct SourceRunTests {
    /// Who stops a program that goes through millions of records does not want to wait for their end.
    @Test func aRunThatPassesOverRecordsWithoutEndCanBeStopped() async {
        let community = CommunityConfiguration(seed: 1, initialSize: 10)
        let truth = GroundTruth(run: "run", configuration: community, startedAtMilliseconds: 0)
        let ending = await withTaskGroup(of: SourcePlan.Ending?.self) { group in
            group.addTask {
                var run = SourceRun(
                    plan: SourcePlan(total: nil, duration: nil, pace: nil),
                    maker: RoundMaker(
                        community,
                        after: SentRecords(producedCount: .max),
                        layout: PartitionLayout(partitionCounts: [1, 1, 1], parallelism: 1)
                    ),
                    ledger: SettlementLedger(truth),
                    producers: [],
                    clock: ContinuousClock(),
                    startedAtMilliseconds: 0,
                    totalCount: nil,
                    onProgress: { _ in }
                )
                await run.run()
                return run.plan.ending
            }
            group.cancelAll()
            return await group.next() ?? nil
        }
        #expect(ending == .stopped)
    }
}
