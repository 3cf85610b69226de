import NIOCore
import NIOPosix
import Synchronization
import Testing

/// A server on the loopback that answers whatever comes by what it was given, one answer after the other.
final class FakeServer: Sendable {
    enum Answer: Sendable, CustomTestStringConvertible {
        case bytes(ByteBuffer)
        /// It closes the connection instead.
        case end

        var testDescription: String {
            switch self {
            case .bytes(let bytes): bytes.hexDump(format: .plain)
            case .end: "end"
            }
        }
    }

    let port: Int
    private let channel: any Channel

    private init(_ channel: any Channel, port: Int) {
        self.channel = channel
        self.port = port
    }

    static func start(_ answers: [Answer]) async throws -> FakeServer {
        let rest = Rest(answers)
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Handler(rest)) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return FakeServer(channel, port: channel.localAddress?.port ?? 0)
    }

    func close() async throws { try await channel.close() }

    private final class Rest: Sendable {
        private let answers: Mutex<[Answer]>

        init(_ answers: [Answer]) { self.answers = Mutex(answers.reversed()) }

        func next() -> Answer { answers.withLock { $0.popLast() } ?? .end }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let rest: Rest

        init(_ rest: Rest) { self.rest = rest }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch rest.next() {
            case .bytes(let bytes): context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
            case .end: context.close(promise: nil)
            }
        }
    }
}
