import Ingestor
import KafkaProtocol
import NIOCore
import Testing

/// What is not a request: the right error or a closed connection, a log line, and nothing else disturbed.
@Suite(.timeLimit(.minutes(15))) struct HostileInputTests {
    /// Bytes that end a connection, and a word of the log line that says why.
    struct Attack: Sendable, CustomStringConvertible {
        var description: String
        var bytes: [UInt8]
        var line: String
    }

    static let attacks = [
        Attack(
            description: "a length prefix beyond the limit",
            bytes: [0x7F, 0xFF, 0xFF, 0xFF],
            line: "is not accepted"
        ),
        Attack(description: "a negative length", bytes: [0xFF, 0xFF, 0xFF, 0xFF], line: "is not accepted"),
        Attack(
            description: "another protocol",
            bytes: Array("GET / HTTP/1.1\r\nHost: here\r\n\r\n".utf8),
            line: "is not accepted"
        ),
        Attack(description: "an empty request", bytes: [0, 0, 0, 0], line: "cannot be read"),
        Attack(
            description: "an unknown API",
            bytes: [0, 0, 0, 10, 0x7F, 0, 0, 0, 0, 0, 0, 1, 0xFF, 0xFF],
            line: "no API with key 32512"
        ),
        Attack(
            description: "a version that is not served",
            bytes: [0, 0, 0, 10, 0, 3, 0, 99, 0, 0, 0, 1, 0xFF, 0xFF],
            line: "no version 99"
        ),
        Attack(
            description: "a body that is not one",
            bytes: [0, 0, 0, 14, 0, 3, 0, 1, 0, 0, 0, 1, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF],
            line: "cannot be read"
        ),
    ]

    @Test(arguments: attacks)
    func connectionIsClosedAndOthersAreNot(attack: Attack) async throws {
        let log = CollectedLog()
        try await withIngestor(log: log, configure: { $0.topics = [events] }) { address in
            try await withConnection(to: address) { bystander in
                let before: MetadataResponse = try await bystander.exchange(MetadataRequest(), version: 9)
                try await withConnection(to: address) { attacker in
                    try await attacker.send(ByteBuffer(bytes: attack.bytes))
                    try await attacker.expectClosed()
                }
                let after: MetadataResponse = try await bystander.exchange(MetadataRequest(), version: 9)
                #expect(before == after)
            }
        }
        #expect(log.all.contains { $0.contains("connection closed") && $0.contains(attack.line) }, "\(log.all)")
    }

    @Test func unknownVersionOfApiVersionsIsAnsweredInVersionZero() async throws {
        try await withIngestor { address in
            try await withConnection(to: address) { client in
                // A newer client: version 100, whose header and body have any form.
                try await client.send(ByteBuffer(bytes: [0, 0, 0, 10, 0, 18, 0, 100, 0, 0, 0, 7, 0xFF, 0xFF]))
                var frame = try #require(try await client.nextFrame())
                #expect(frame.readInteger(as: Int32.self) == 7)
                let response = try ApiVersionsResponse(from: &frame, version: 0)
                #expect(response.errorCode == .unsupportedVersion)
                #expect(response.apis == [.init(key: 18, minVersion: 0, maxVersion: 4)])
                // The same connection goes on in a version that both know.
                let retry: ApiVersionsResponse = try await client.exchange(ApiVersionsRequest(), version: 0)
                #expect(retry.apis.count == SupportedAPI.all.count)
            }
        }
    }

    @Test func halfARequestIsNotKeptForEver() async throws {
        let log = CollectedLog()
        try await withIngestor(log: log, configure: { $0.limits.requestArrivalTimeout = .milliseconds(100) }) {
            address in
            try await withConnection(to: address) { client in
                try await client.send(ByteBuffer(bytes: [0, 0, 1, 0, 0, 3]))
                try await client.expectClosed()
            }
        }
        #expect(log.contains("the rest of a request did not come"))
    }

    @Test func connectionThatEndsWithinARequestGivesItsMemoryBack() async throws {
        // The budget has room for one such request only: a leak would hold up the second client for ever.
        try await withIngestor(configure: {
            $0.limits.requestBytesMax = 1 << 20
            $0.limits.requestMemoryBytesMax = 2 << 20
        }) { address in
            for _ in 0..<5 {
                try await withConnection(to: address) { client in
                    try await client.send(ByteBuffer(bytes: [0, 0x0F, 0xFF, 0xF0, 0, 3]))
                }
            }
            try await withConnection(to: address) { client in
                let response: MetadataResponse = try await client.exchange(MetadataRequest(), version: 1)
                #expect(response.brokers.count == 1)
            }
        }
    }

    @Test func connectionsBeyondTheLimitAreClosed() async throws {
        let log = CollectedLog()
        try await withIngestor(log: log, configure: { $0.limits.connectionsMax = 1 }) { address in
            try await withConnection(to: address) { first in
                let _: MetadataResponse = try await first.exchange(MetadataRequest(), version: 1)
                try await withConnection(to: address) { second in try await second.expectClosed() }
                let _: MetadataResponse = try await first.exchange(MetadataRequest(), version: 1)
            }
        }
        #expect(log.contains("connection refused"))
    }

    @Test func corruptBatchIsRefusedAndLeavesTheLogAlone() async throws {
        let log = CollectedLog()
        try await withIngestor(log: log, configure: { $0.topics = [events] }) { address in
            try await withConnection(to: address) { client in
                var batch = Batches.batch(["a", "b"])
                batch.setInteger(UInt8(0x55), at: batch.writerIndex - 1)
                let refused: ProduceResponse = try await client.exchange(Batches.produce(batch), version: 9)
                #expect(refused.only.errorCode == .corruptMessage)
                let good: ProduceResponse = try await client.exchange(
                    Batches.produce(Batches.batch(["c"])),
                    version: 9
                )
                #expect(good.only.baseOffset == 0)
            }
        }
        #expect(log.contains("batch refused"))
    }
}
