import NIOCore
import NIOEmbedded
import NIOTestUtils
import PipelineTesting
import Testing

@testable import KafkaProtocol

@Suite struct FrameDecoderTests {
    private static func framed(_ body: String) -> ByteBuffer {
        var frame = ByteBuffer(integer: Int32(body.utf8.count))
        frame.writeString(body)
        return frame
    }

    @Test func framesComeOutHoweverTheirBytesArrive() throws {
        let pairs = ["", "a", "ciao", String(repeating: "x", count: 3_000)].map {
            (Self.framed($0), [ByteBuffer(string: $0)])
        }
        try ByteToMessageDecoderVerifier.verifyDecoder(inputOutputPairs: pairs) { FrameDecoder() }
    }

    @Test func requestsOfEveryAPIComeOutHoweverTheirBytesArrive() throws {
        var pairs: [(ByteBuffer, [ByteBuffer])] = []
        for golden in GoldenMessage.all where golden.direction == "request" && golden.sample == .full {
            let type = try #require(AllMessages.type(api: golden.api, direction: "request") as? any WireRequest.Type)
            var bytes = golden.bytes
            let frame = RequestFrame.encode(
                try type.init(from: &bytes, version: golden.version),
                version: golden.version,
                correlationID: 7,
                clientID: "test"
            )
            pairs.append((frame, [try #require(frame.getSlice(at: 4, length: frame.readableBytes - 4))]))
        }
        try ByteToMessageDecoderVerifier.verifyDecoder(inputOutputPairs: pairs) { FrameDecoder() }
    }

    @Test(arguments: [Int32(-1), .min, 1_001, .max])
    func impossibleLengthsEndTheConnection(length: Int32) throws {
        let channel = EmbeddedChannel(
            handler: ByteToMessageHandler(FrameDecoder(frameByteCountMax: 1_000))
        )
        let error = #expect(throws: DecodeError.self) { try channel.writeInbound(ByteBuffer(integer: length)) }
        #expect(error?.problem == .frameLength(Int(length), limit: 1_000))
        #expect(try channel.readInbound(as: ByteBuffer.self) == nil)
        _ = try? channel.finish()
    }

    @Test func theLongestFrameIsAccepted() throws {
        let channel = EmbeddedChannel(
            handler: ByteToMessageHandler(FrameDecoder(frameByteCountMax: 1_000))
        )
        let body = String(repeating: "x", count: 1_000)
        try channel.writeInbound(Self.framed(body))
        #expect(try channel.readInbound() == ByteBuffer(string: body))
        #expect(try channel.finish().isClean)
    }

    @Test(arguments: [1, 3, 4, 7])
    func aConnectionThatEndsWithinAFrameIsAnError(byteCount: Int) throws {
        let channel = EmbeddedChannel(handler: ByteToMessageHandler(FrameDecoder()))
        let part = try #require(Self.framed("ciao").getSlice(at: 0, length: byteCount))
        try channel.writeInbound(part)
        let error = #expect(throws: DecodeError.self) { try channel.finish() }
        #expect(error?.problem == .truncated(needed: byteCount < 4 ? 4 : 8, available: byteCount))
    }
}
