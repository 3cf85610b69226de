import KafkaProtocol
import NIOCore
import NIOEmbedded
import Testing

@testable import Ingestor

@Suite struct ConnectionHandlerTests {
    /// The length of a request of 1,000 bytes.
    private let prefix = ByteBuffer(bytes: [0, 0, 0x03, 0xE8])

    @Test func memoryGrantedToAConnectionThatEndsIsGivenBackOnce() throws {
        try withBroker(configure: { $0.limits.requestMemoryBytesMax = 1_000 }) { broker in
            let memory = broker.memory
            let channel = try EmbeddedChannel.connected(to: broker)
            #expect(memory.reserve(1_000, orLater: {}) == nil)
            try channel.writeInbound(prefix)
            // The grant is on its way to the connection's event loop when the connection ends.
            memory.release(1_000)
            channel.pipeline.fireChannelInactive()
            channel.embeddedEventLoop.run()
            #expect(memory.used == 0)
            // One more release than there were reservations would let two go beyond the limit.
            #expect(memory.reserve(2_000, orLater: {}) == nil)
            #expect(memory.reserve(2_000, orLater: {}) != nil)
            _ = try channel.finish(acceptAlreadyClosed: true)
        }
    }

    @Test func fetchThatWaitsHoldsNoMemory() throws {
        try withBroker { broker in
            let channel = try EmbeddedChannel.connected(to: broker)
            try channel.writeInbound(
                RequestFrame.encode(Batches.fetch(from: 0, wait: 50_000), version: 11, correlationID: 1)
            )
            #expect(try channel.readOutbound(as: IOData.self) == nil, "it waits")
            #expect(broker.memory.used == 0)
            #expect(broker.memory.reserve(1, orLater: {}) == nil)
            broker.memory.release(1)
            channel.embeddedEventLoop.advanceTime(by: .seconds(50))
            #expect(try channel.readOutbound(as: IOData.self) != nil)
            #expect(broker.memory.used == 0)
            _ = try channel.finish()
        }
    }

    @Test func fetchThatWaitsForManyPartitionsKeepsItsMemory() throws {
        try withBroker(configure: {
            $0.topics = [TopicSpecification(name: "events", partitionCount: 2)]
            $0.limits.fetchWaitUnchargedPartitionsMax = 1
        }) { broker in
            let channel = try EmbeddedChannel.connected(to: broker)
            var fetch = Batches.fetch(from: 0, wait: 50_000)
            fetch.topics[0].partitions.append(.init(partition: 1, maxByteCount: 1_000))
            let request = RequestFrame.encode(fetch, version: 11, correlationID: 1)
            try channel.writeInbound(request)
            #expect(broker.memory.used == request.readableBytes)
            channel.embeddedEventLoop.advanceTime(by: .seconds(50))
            #expect(try channel.readOutbound(as: IOData.self) != nil)
            #expect(broker.memory.used == 0)
            _ = try channel.finish()
        }
    }

    @Test func clientThatTakesItsAnswerSlowlyIsNotBlamedForItsNextRequest() throws {
        let log = CollectedLog()
        try withBroker(configure: { $0.limits.requestArrivalTimeout = .seconds(30) }) { broker in
            let channel = try EmbeddedChannel.connected(to: broker, log: log)
            channel.isWritable = false
            try channel.writeInbound(prefix)
            channel.embeddedEventLoop.advanceTime(by: .seconds(95))
            #expect(channel.isActive)
            channel.isWritable = true
            channel.pipeline.fireChannelWritabilityChanged()
            channel.embeddedEventLoop.advanceTime(by: .seconds(29))
            #expect(channel.isActive, "its time begins when its bytes are looked at")
            channel.embeddedEventLoop.advanceTime(by: .seconds(60))
            #expect(!channel.isActive)
            _ = try channel.finish(acceptAlreadyClosed: true)
        }
        #expect(log.contains("the rest of a request did not come"))
    }

    @Test func clientThatSaysNothingIsClosedAlsoWhereItTakesNothing() throws {
        try withBroker { broker in
            let channel = try EmbeddedChannel.connected(to: broker)
            channel.isWritable = false
            channel.embeddedEventLoop.advanceTime(by: .minutes(11))
            #expect(!channel.isActive)
            _ = try channel.finish(acceptAlreadyClosed: true)
        }
    }
}
