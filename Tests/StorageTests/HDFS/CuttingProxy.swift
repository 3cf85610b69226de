import NIOCore
import NIOPosix
import Synchronization

/// Stands between a client and a server, and cuts connections when the server has answered: what was asked for is done,
/// and its answer is lost.
final class CuttingProxy: Sendable {
    private final class Cuts: Sendable {
        let left = Mutex(0)

        func take() -> Bool {
            left.withLock { left in
                guard left > 0 else { return false }
                left -= 1
                return true
            }
        }
    }

    private let channel: any Channel
    private let cuts: Cuts

    private init(_ channel: any Channel, _ cuts: Cuts) {
        self.channel = channel
        self.cuts = cuts
    }

    /// `HOST:PORT`.
    var address: String { "127.0.0.1:\(channel.localAddress?.port ?? 0)" }

    /// Cuts the next `count` answers.
    func cutAnswers(_ count: Int) { cuts.left.withLock { $0 = count } }

    /// Runs `body` with a proxy in front of `server`, `HOST:PORT`.
    static func run<Result>(
        to server: String,
        _ body: (CuttingProxy) async throws -> Result
    ) async throws -> Result {
        let cuts = Cuts()
        let port = server.split(separator: ":").last.flatMap { Int($0) } ?? 0
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { client in
                ClientBootstrap(group: client.eventLoop).connect(host: "127.0.0.1", port: port).flatMap { server in
                    client.eventLoop.makeCompletedFuture {
                        try client.pipeline.syncOperations.addHandler(Relay(server, nil))
                        try server.pipeline.syncOperations.addHandler(Relay(client, cuts))
                    }
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            let result = try await body(CuttingProxy(channel, cuts))
            try await channel.close()
            return result
        } catch {
            try? await channel.close()
            throw error
        }
    }

    /// Hands on what comes, to the other side.
    private final class Relay: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let other: any Channel
        private let cuts: Cuts?

        init(_ other: any Channel, _ cuts: Cuts?) {
            self.other = other
            self.cuts = cuts
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            if cuts?.take() == true {
                other.close(promise: nil)
                context.close(promise: nil)
            } else {
                other.writeAndFlush(unwrapInboundIn(data), promise: nil)
            }
        }

        func channelInactive(context: ChannelHandlerContext) { other.close(promise: nil) }
    }
}
