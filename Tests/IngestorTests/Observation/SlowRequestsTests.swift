import KafkaProtocol
import NIOCore
import PipelineTesting
import Testing

@testable import Ingestor

@Suite struct SlowRequestsTests {
    private let log = CollectedLog()

    private func header() throws -> RequestHeader {
        var bytes = RequestFrame.header(api: .produce, version: 9, correlationID: 1, clientID: "me")
        return try RequestHeader(from: &bytes)
    }

    private func watch(_ change: (inout IngestorLimits) -> Void = { _ in }) -> SlowRequests {
        var limits = IngestorLimits()
        limits.slowRequest = .milliseconds(100)
        change(&limits)
        return SlowRequests(limits)
    }

    @Test func slowRequestIsLogged() throws {
        let watch = watch()
        for milliseconds: Int64 in [99, 100] {
            watch.answered(
                try header(),
                in: .milliseconds(milliseconds),
                isLongPoll: false,
                log.logger
            )
        }
        #expect(log.all.count == 1)
        for word in ["slow request", "kafka.api=produce", "kafka.client=me", "kafka.version=9", "time.ms=100"] {
            #expect(log.contains(word), "\(log.all)")
        }
    }

    @Test func requestThatWaitsForOthersIsNotSlow() throws {
        watch().answered(
            try header(),
            in: .hours(1),
            isLongPoll: true,
            log.logger
        )
        #expect(log.all.isEmpty)
    }

    @Test func everyRequestIsMeasured() async throws {
        try await withIngestor(log: log, configure: { $0.limits.slowRequest = .nanoseconds(0) }) { address in
            try await withConnection(to: address) { client in
                let _: ApiVersionsResponse = try await client.exchange(ApiVersionsRequest(), version: 0)
                let _: FetchResponse = try await client.exchange(
                    Batches.fetch(from: 0, of: "missing"),
                    version: 11
                )
            }
        }
        #expect(log.contains("kafka.api=apiVersions"), "\(log.all)")
        #expect(log.contains("kafka.api=fetch"), "\(log.all)")
    }

    @Test func withoutThresholdNothingIsSlow() throws {
        watch { $0.slowRequest = nil }.answered(
            try header(),
            in: .hours(1),
            isLongPoll: false,
            log.logger
        )
        #expect(log.all.isEmpty)
    }
}
