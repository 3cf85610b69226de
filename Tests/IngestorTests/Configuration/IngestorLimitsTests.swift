import Ingestor
import NIOCore
import Testing

@Suite struct IngestorLimitsTests {
    @Test func standardLimitsFitTogether() {
        #expect(IngestorLimits().problem == nil)
    }

    /// Limits that contradict others, and a word of the reason.
    static let contradictions: [(@Sendable (inout IngestorLimits) -> Void, String)] = [
        ({ $0.requestMemoryBytesMax = 1 }, "ingestor.request-memory-bytes-max"),
        ({ $0.receiveBufferBytesMax = 64 }, "receive buffers cannot have"),
        ({ $0.connectionsMax = 20_000 }, "without asking"),
        ({ $0.connectionsMax = .max }, "without asking"),
        ({ $0.sessionTimeoutMax = .zero }, "session timeouts cannot last"), ({ $0.groupsMax = 0 }, "at least 1"),
    ]

    @Test(arguments: contradictions.indices)
    func contradictionIsTold(index: Int) throws {
        var limits = IngestorLimits()
        Self.contradictions[index].0(&limits)
        #expect(try #require(limits.problem).contains(Self.contradictions[index].1))
    }
}
