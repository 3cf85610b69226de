import KafkaProtocol
import NIOCore
import NIOEmbedded
import PipelineTesting
import Testing

@testable import Ingestor

@Suite struct ConnectionHandlerTests {
    /// The length of a request of 1,000 bytes.
    private let prefix = ByteBuffer(bytes: [0, 0, 0x03, 0xE8])

    @Test func memoryGrantedToAConnectionThatEndsIsGivenBack() throws {
        try withBroker(configure: { $0.limits.smallRequestBytesMax = 4 }) { broker in
            let memory = broker.memory
            memory.charge(broker.configuration.limits.requestMemoryBytesMax, in: nil)
            // The lane for requests of this size is taken.
            guard case .admitted(let lane?) = memory.admit(1, holding: 0, of: 1_000, orLater: { _ in }) else {
                Issue.record("there is a lane")
                return
            }
            let channel = try EmbeddedChannel.connected(to: broker)
            try channel.writeInbound(prefix)
            #expect(memory.isShort)
            // The grant is on its way to the connection's event loop when the connection ends.
            memory.leave(lane, holding: 0)
            channel.pipeline.fireChannelInactive()
            channel.embeddedEventLoop.run()
            #expect(memory.used == broker.configuration.limits.requestMemoryBytesMax)
            #expect(memory.admit(1, holding: 0, of: 1_000, orLater: { _ in }) == .admitted(lane), "the lane is free")
            _ = try channel.finish(acceptAlreadyClosed: true)
        }
    }

    @Test func clientThatHoldsMemoryHasToBeFasterWhereOthersWait() throws {
        let log = CollectedLog()
        try withBroker { broker in
            let channel = try EmbeddedChannel.connected(to: broker, log: log)
            try channel.writeInbound(ByteBuffer(bytes: [0, 0x0F, 0, 0]))
            try channel.writeInbound(ByteBuffer(repeating: 0, count: 10_000))
            channel.embeddedEventLoop.advanceTime(by: .seconds(5))
            #expect(channel.isActive)
            #expect(broker.memory.used == 10_004)
            broker.memory.charge(broker.configuration.limits.requestMemoryBytesMax, in: nil)
            for _ in 0..<3 { _ = broker.memory.admit(1, holding: 0, of: 1_000, orLater: { _ in }) }
            channel.embeddedEventLoop.advanceTime(by: .seconds(3))
            #expect(!channel.isActive)
            #expect(broker.memory.used == broker.configuration.limits.requestMemoryBytesMax)
            _ = try channel.finish(acceptAlreadyClosed: true)
        }
        #expect(log.contains("too slowly while memory for requests was short"))
    }

    @Test func fetchThatWaitsHoldsNoMemory() throws {
        try withBroker { broker in
            let channel = try EmbeddedChannel.connected(to: broker)
            try channel.writeInbound(
                RequestFrame.encode(Batches.fetch(from: 0, wait: 50_000), version: 11, correlationID: 1)
            )
            #expect(try channel.readOutbound(as: IOData.self) == nil, "it waits")
            #expect(broker.memory.used == 0)
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
            channel.pipeline.fireChannelWritabilityChanged()
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

    /// A socket that takes nothing.
    private final class FullSocket: ChannelOutboundHandler {
        typealias OutboundIn = IOData
        private var unsent: [EventLoopPromise<Void>] = []

        func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
            if let promise { unsent.append(promise) }
        }

        func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
            for promise in unsent { promise.fail(ChannelError.ioOnClosedChannel) }
            context.close(mode: mode, promise: promise)
        }
    }

    @Test func clientThatDoesNotReadIsClosedWithinSecondsWhileMemoryIsShort() throws {
        let log = CollectedLog()
        try withBroker(configure: { $0.limits.uncountedAnswerBytesMax = 0 }) { broker in
            let (memory, limits) = (broker.memory, broker.configuration.limits)
            let channel = try EmbeddedChannel.connected(to: broker, log: log)
            try channel.pipeline.syncOperations.addHandler(FullSocket(), position: .first)
            // The first has the lane for requests of its size, and the second waits for it.
            for _ in 0..<2 {
                _ = memory.admit(limits.requestMemoryBytesMax, holding: 0, of: limits.requestBytesMax) { _ in }
            }
            #expect(memory.isShort)
            try channel.writeInbound(RequestFrame.encode(ApiVersionsRequest(), version: 2, correlationID: 1))
            channel.embeddedEventLoop.advanceTime(by: limits.pressedPace.time)
            #expect(channel.isActive, "from now on its time counts")
            channel.embeddedEventLoop.advanceTime(by: limits.pressedPace.time)
            #expect(!channel.isActive)
            #expect(memory.used == 0)
            _ = try channel.finish(acceptAlreadyClosed: true)
        }
        #expect(log.contains("answers were not taken"))
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
