import Testing

@testable import Storage

@Suite struct CallAttemptsTests {
    @Test func eachServerIsAskedOnceARound() {
        var attempts = CallAttempts(servers: 3, first: 2, retryFor: .seconds(1))
        #expect(attempts.server == 2)
        #expect(attempts.failed(.standby, after: .zero) == .zero)
        #expect(attempts.server == 0)
        #expect(attempts.failed(.notReached, after: .zero) == .zero)
        #expect(attempts.server == 1)
        #expect(attempts.failed(.standby, after: .zero) == HDFSLimits.firstPause)
        #expect(attempts.server == 2)
    }

    @Test func theBusyServerIsAskedAgainAfterAPauseThatGrows() {
        var attempts = CallAttempts(servers: 2, first: 1, retryFor: .seconds(1_000))
        var pauses: [Duration] = []
        for _ in 0..<7 {
            pauses.append(attempts.failed(.busy, after: .zero) ?? .zero)
            #expect(attempts.server == 1)
        }
        #expect(pauses[0] == .milliseconds(100) && pauses[1] == .milliseconds(200))
        #expect(pauses[6] == HDFSLimits.longestPause)
    }

    @Test func theEndIsInTime() {
        var attempts = CallAttempts(retryFor: .seconds(1))
        #expect(attempts.failed(.busy, after: .milliseconds(950)) == nil)
        var never = CallAttempts(servers: 2, retryFor: .zero)
        #expect(never.failed(.notReached, after: .zero) == .zero, "each server is asked once")
        #expect(never.failed(.notReached, after: .zero) == nil)
    }
}
