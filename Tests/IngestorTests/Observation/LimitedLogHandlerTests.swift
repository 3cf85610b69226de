import Logging
import NIOCore
import PipelineTesting
import Synchronization
import Testing

@testable import Ingestor

@Suite(.timeLimit(.minutes(15))) struct LimitedLogHandlerTests {
    @Test func linesOfTheSameWordsAreBoundedAndTheOthersCounted() {
        let log = CollectedLog()
        let seconds = Mutex(UInt64(0))
        var limits = IngestorLimits()
        limits.repeatedLogLinesMax = 2
        let handler = LimitedLogHandler(log.logger.handler, limits) {
            .uptimeNanoseconds(seconds.withLock { $0 } * 1_000_000_000)
        }
        let logger = Logger(label: "test") { _ in handler }
        for number in 0..<5 { logger.warning("closed", metadata: ["number": "\(number)"]) }
        logger.error("refused")
        for _ in 0..<5 { logger.info("created") }
        #expect(log.count(of: "closed") == 2)
        #expect(log.count(of: "refused") == 1, "other words have a limit of their own")
        #expect(log.count(of: "created") == 5, "what is no trouble has none")
        #expect(log.count(of: "unlogged") == 0)
        seconds.withLock { $0 = 1 }
        logger.warning("closed")
        #expect(log.count(of: "closed") == 3)
        #expect(log.count(of: "unlogged=3") == 1, "\(log.all)")
    }

    /// Requests that cannot be read, each on a connection of its own.
    @Test func clientsCannotFillTheLog() async throws {
        let log = CollectedLog()
        try await withIngestor(
            log: log,
            configure: {
                $0.limits.repeatedLogLinesMax = 3
                $0.limits.repeatedLogLineInterval = .hours(1)
            }
        ) { address in
            for _ in 0..<10 {
                try await withConnection(to: address) { client in
                    try await client.send(ByteBuffer(integer: Int32(-5)))
                    try await client.expectClosed()
                }
            }
        }
        #expect(log.count(of: "connection closed") == 3, "\(log.all)")
    }
}
