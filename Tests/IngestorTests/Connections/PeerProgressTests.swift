import Ingestor
import NIOCore
import Testing

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

    @Test func clientHasToHurryWhileMemoryIsShort() {
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
