import Ingestor
import KafkaProtocol
import NIOCore
import NIOPosix
import PipelineTesting
import Testing

@Suite(.timeLimit(.minutes(15))) struct LastAnswerTests {
    private static let recordByteCount = 900_000
    /// Far more than the sockets buffer while the client does not read.
    private static let recordCount = 25

    @Test func answerThatIsOnItsWayGoesOutWhereTheIngestorStops() async throws {
        let (isOnItsWay, continuation) = AsyncStream.makeStream(of: Void.self)
        let taken = try await withIngestor(configure: {
            $0.topics = [events]
            $0.limits.shutdownGrace = .minutes(2)
        }) { address in
            try await Self.fill(address)
            let taken = Task {
                defer { continuation.finish() }
                return try await Self.fetchSlowly(from: address) { continuation.finish() }
            }
            for await _ in isOnItsWay {}
            return taken  // The ingestor stops now.
        }
        #expect(try await taken.value > Self.recordCount * Self.recordByteCount)
    }

    private static func fill(_ address: ListenAddress) async throws {
        let batch = Batches.batch([String(repeating: "x", count: recordByteCount)])
        try await withConnection(to: address) { client in
            for _ in 0..<recordCount {
                let _: ProduceResponse = try await client.exchange(Batches.produce(batch), version: 7)
            }
        }
    }

    /// Fetches everything, but reads no more than the first bytes of the answer until the ingestor stops.
    ///
    /// - Returns: how many bytes came.
    private static func fetchSlowly(
        from address: ListenAddress,
        _ answerIsOnItsWay: @Sendable () -> Void
    ) async throws -> Int {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: address.host, port: address.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    // Reads a few buffers ahead of its consumer, and no more.
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            let fetch = Batches.fetch(from: 0, partitionMaxBytes: .max)
            try await outbound.write(RequestFrame.encode(fetch, version: 11, correlationID: 1))
            var parts = inbound.makeAsyncIterator()
            var byteCount = try await parts.next()?.readableBytes ?? 0
            try await withConnection(to: address) { bystander in
                let _: MetadataResponse = try await bystander.exchange(MetadataRequest(), version: 9)
                answerIsOnItsWay()
                // Every connection is told at the same time.
                try await bystander.expectClosed()
            }
            while let part = try await parts.next() { byteCount += part.readableBytes }
            return byteCount
        }
    }
}
