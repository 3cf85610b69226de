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
