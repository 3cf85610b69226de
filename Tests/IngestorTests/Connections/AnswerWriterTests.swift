import CommitLog
import KafkaProtocol
import NIOCore
import NIOEmbedded
import PipelineTesting
import Testing

@testable import Ingestor

@Suite struct AnswerWriterTests {
    /// More than is copied into an answer, and than one chunk.
    private static let valueByteCount = 200_000

    /// Takes writes until it has so many bytes, and says that it is full then, as a socket does.
    private final class NarrowSocket: ChannelOutboundHandler {
        typealias OutboundIn = IOData
        private let channel: EmbeddedChannel

        init(_ channel: EmbeddedChannel) { self.channel = channel }

        func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
            if unwrapOutboundIn(data).readableBytes > 16 * 1024 { channel.isWritable = false }
            context.write(data, promise: promise)
        }
    }

    private let fetch = RequestFrame.encode(
        Batches.fetch(from: 0, partitionMaxBytes: .max),
        version: 11,
        correlationID: 1
    )

    private func fill(_ broker: Broker) throws -> ByteBuffer {
        let log = try #require(broker.topics.log("events", 0))
        _ = try log.append(batch: Batches.batch([String(repeating: "x", count: Self.valueByteCount)]), now: 0)
        return try #require(try log.read(from: 0, maxBytes: .max)).bytes()
    }

    private func written(to channel: EmbeddedChannel) throws -> [IOData] {
        var parts: [IOData] = []
        while let part = try channel.readOutbound(as: IOData.self) { parts.append(part) }
        return parts
    }

    /// The record batches at the end of an answer with one partition: nothing follows them in version 11.
    private func records(in parts: [IOData], byteCount: Int) -> ByteBuffer? {
        var answer = ByteBuffer()
        for case .byteBuffer(let bytes) in parts { answer.writeImmutableBuffer(bytes) }
        let length = answer.readInteger(as: Int32.self)
        #expect(length == Int32(answer.readableBytes))
        return answer.getSlice(at: answer.writerIndex - byteCount, length: byteCount)
    }

    @Test func recordsAreRegionsOfTheirFile() throws {
        try withBroker { broker in
            let batch = try fill(broker)
            let channel = try EmbeddedChannel.connected(to: broker, transfer: .fileRegions)
            try channel.writeInbound(fetch)
            let parts = try written(to: channel)
            let regions = parts.compactMap { part -> Int? in
                guard case .fileRegion(let region) = part else { return nil }
                return region.readableBytes
            }
            #expect(regions == [batch.readableBytes])
            _ = try channel.finish()
        }
    }

    @Test func recordsAreReadInChunksAsTheClientTakesThem() throws {
        try withBroker { broker in
            let batch = try fill(broker)
            let channel = try EmbeddedChannel.connected(to: broker, transfer: .chunks)
            try channel.pipeline.syncOperations.addHandler(NarrowSocket(channel), position: .first)
            try channel.writeInbound(fetch)
            var parts = try written(to: channel)
            var chunkCount = 1
            while !channel.isWritable, chunkCount < 100 {
                let bytesSoFar = parts.reduce(0) { $0 + $1.readableBytes }
                #expect(bytesSoFar < 1_000 + chunkCount * AnswerWriter.chunkByteCountMax)
                channel.isWritable = true
                channel.pipeline.fireChannelWritabilityChanged()
                parts += try written(to: channel)
                chunkCount += 1
            }
            #expect(chunkCount > Self.valueByteCount / AnswerWriter.chunkByteCountMax)
            #expect(records(in: parts, byteCount: batch.readableBytes) == batch)
            #expect(broker.memory.used == 0)
            _ = try channel.finish()
        }
    }

    @Test func connectionEndsAfterItsLastAnswer() throws {
        try withBroker { broker in
            let batch = try fill(broker)
            let channel = try EmbeddedChannel.connected(to: broker, transfer: .chunks)
            try channel.pipeline.syncOperations.addHandler(NarrowSocket(channel), position: .first)
            try channel.writeInbound(fetch)
            channel.pipeline.fireUserInboundEventTriggered(Shutdown())
            #expect(channel.isActive)
            var parts = try written(to: channel)
            for _ in 0..<100 where channel.isActive {
                channel.isWritable = true
                channel.pipeline.fireChannelWritabilityChanged()
                parts += try written(to: channel)
            }
            #expect(!channel.isActive)
            #expect(records(in: parts, byteCount: batch.readableBytes) == batch)
            _ = try channel.finish(acceptAlreadyClosed: true)
        }
    }

    @Test func closedConnectionKeepsNothing() throws {
        try withBroker { broker in
            _ = try fill(broker)
            let channel = try EmbeddedChannel.connected(to: broker, transfer: .chunks)
            try channel.pipeline.syncOperations.addHandler(NarrowSocket(channel), position: .first)
            try channel.writeInbound(fetch)
            #expect(!channel.isWritable)
            channel.pipeline.fireUserInboundEventTriggered(Shutdown())
            channel.embeddedEventLoop.advanceTime(by: broker.configuration.limits.shutdownGrace)
            #expect(!channel.isActive)
            #expect(broker.memory.used == 0)
            _ = try channel.finish(acceptAlreadyClosed: true)
        }
    }
}
