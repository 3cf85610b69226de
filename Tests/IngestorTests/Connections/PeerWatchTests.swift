import NIOCore
import Testing

@testable import Ingestor

@Suite struct PeerWatchTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000)

    private func check(
        _ watch: inout PeerWatch,
        after time: TimeAmount,
        awaitsBytes: Bool = true,
        requestBytes: Int = 0,
        unsentBytes: Int? = nil,
        memoryIsShort: Bool = false
    ) -> PeerWatch.Finding {
        watch.check(
            now: start + time,
            isReading: true,
            awaitsBytes: awaitsBytes,
            requestBytes: requestBytes,
            unsentBytes: unsentBytes,
            memoryIsShort: memoryIsShort
        )
    }

    @Test func silentClientIsIdle() {
        var watch = PeerWatch(IngestorLimits(), now: start)
        let before = check(&watch, after: .minutes(9))
        #expect(before == .fastEnough)
        watch.wasActive(now: start + .minutes(9))
        let after = check(&watch, after: .minutes(11))
        #expect(after == .fastEnough)
        let later = check(&watch, after: .minutes(19))
        #expect(later == .idle)
    }

    @Test func clientThatIsHeldUpIsNotJudged() {
        var watch = PeerWatch(IngestorLimits(), now: start)
        let isNew = watch.requestIsArriving(true, now: start)
        #expect(isNew)
        let heldUp = check(&watch, after: .seconds(60), awaitsBytes: false)
        #expect(heldUp == .fastEnough)
        let late = check(&watch, after: .seconds(60))
        #expect(late == .requestTooSlow("the rest of a request did not come in time"))
    }

    @Test func clientHasToReadItsAnswersOnlyWhereMemoryIsShort() {
        var watch = PeerWatch(IngestorLimits(), now: start)
        watch.answerIsWaiting()
        for second in Int64(1)...5 {
            let finding = check(&watch, after: .seconds(second), unsentBytes: 1_000_000)
            #expect(finding == .fastEnough)
        }
        let short = check(&watch, after: .seconds(6), unsentBytes: 1_000_000, memoryIsShort: true)
        let stillShort = check(&watch, after: .seconds(7), unsentBytes: 1_000_000, memoryIsShort: true)
        #expect([short, stillShort].contains { if case .answersNotRead = $0 { true } else { false } })
    }
}

@Suite struct PeerProgressTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000)

    /// Whether it is too slow, so long after the start.
    private func isTooSlow(_ progress: inout PeerProgress, after time: TimeAmount, memoryIsShort: Bool = false) -> Bool
    {
        progress.isTooSlow(now: start + time, memoryIsShort: memoryIsShort)
    }

    private func progress(usual: PeerProgress.Pace? = .init(byteCount: 100, time: .seconds(30))) -> PeerProgress {
        PeerProgress(usual: usual, pressed: .init(byteCount: 1_000, time: .seconds(1)), now: start)
    }

    @Test func clientThatDripsIsTooSlow() {
        var progress = progress()
        for second in stride(from: Int64(5), to: 30, by: 5) {
            progress.moved(1)
            do {
                let isTooSlow = isTooSlow(&progress, after: .seconds(second), memoryIsShort: false)
                #expect(!isTooSlow)
            }
        }
        do {
            let isTooSlow = isTooSlow(&progress, after: .seconds(30), memoryIsShort: false)
            #expect(isTooSlow)
        }
    }

    @Test func clientThatKeepsThePaceIsNot() {
        var progress = progress()
        for second in Int64(1)...300 {
            progress.moved(4)
            do {
                let isTooSlow = isTooSlow(&progress, after: .seconds(second), memoryIsShort: false)
                #expect(!isTooSlow)
            }
        }
    }

    @Test func clientHasToBeFasterWhileMemoryIsShort() {
        var progress = progress()
        progress.moved(500)
        do {
            let isTooSlow = isTooSlow(&progress, after: .milliseconds(900), memoryIsShort: false)
            #expect(!isTooSlow)
        }
        progress.moved(999)
        do {
            let isTooSlow = isTooSlow(&progress, after: .milliseconds(1_500), memoryIsShort: true)
            #expect(!isTooSlow, "its second is not over")
        }
        do {
            let isTooSlow = isTooSlow(&progress, after: .milliseconds(1_900), memoryIsShort: true)
            #expect(isTooSlow)
        }
    }

    @Test func timeInWhichTheIngestorHeldItUpDoesNotCount() {
        var progress = progress()
        progress.restart(now: start + .seconds(29))
        do {
            let isTooSlow = isTooSlow(&progress, after: .seconds(31), memoryIsShort: false)
            #expect(!isTooSlow)
        }
        do {
            let isTooSlow = isTooSlow(&progress, after: .seconds(59), memoryIsShort: false)
            #expect(isTooSlow)
        }
    }

    @Test func onlyPressureCountsWhereNoUsualPaceIsAsked() {
        var progress = progress(usual: nil)
        do {
            let isTooSlow = isTooSlow(&progress, after: .hours(1), memoryIsShort: false)
            #expect(!isTooSlow)
        }
        do {
            let isTooSlow = isTooSlow(&progress, after: .hours(1) + .seconds(1), memoryIsShort: true)
            #expect(isTooSlow)
        }
    }
}
