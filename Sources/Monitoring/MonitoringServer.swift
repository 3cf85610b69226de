package import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle
import Synchronization

/// A small HTTP server for the programs that watch this one. It answers `GET` and `HEAD` on fixed paths, one request a
/// connection, and serves nothing secret. It has a thread of its own: a scrape holds up no Kafka request.
///
/// A stage, or a front end, adds a path by giving ``MonitoringServer/bind(host:port:routes:)`` another route.
package final class MonitoringServer: Service {
    /// Bounds of what a peer may take.
    package enum Limits {
        /// Connections at once; one more is closed at once.
        package static let connectionsMax = 32
        /// Bytes of a request with its body, which is not read.
        package static let requestBytesMax = 8_192
        /// Time in which a request is sent and its response taken.
        package static let connectionTime = TimeAmount.seconds(10)
        static let backlog: Int32 = 32
    }

    /// What a path answers.
    package struct Response: Sendable, Equatable {
        package var status: Int
        package var contentType: String
        package var body: String

        package init(status: Int = 200, contentType: String = "text/plain; charset=utf-8", body: String) {
            self.status = status
            self.contentType = contentType
            self.body = body
        }
    }

    /// Answers a path.
    package typealias Route = @Sendable () async -> Response

    /// `HOST:PORT`.
    package let address: String
    private let channel: any Channel
    private let threads: MultiThreadedEventLoopGroup

    private init(address: String, channel: any Channel, threads: MultiThreadedEventLoopGroup) {
        self.address = address
        self.channel = channel
        self.threads = threads
    }

    /// Listens; serves from now until ``run()`` ends, or ``close()``.
    ///
    /// - Parameters:
    ///   - port: 0 takes a free one.
    ///   - routes: by path.
    ///   - flag: the flag that gives the address, for the error.
    /// - Throws: ``MonitoringError`` where it cannot listen there.
    package static func bind(
        host: String,
        port: Int,
        routes: [String: Route],
        flag: String = "--metrics",
        connectionTime: TimeAmount = Limits.connectionTime
    ) async throws -> MonitoringServer {
        let threads = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let open = OpenConnections()
        let bootstrap = ServerBootstrap(group: threads)
            .serverChannelOption(.backlog, value: Limits.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                guard open.add() else { return channel.close() }
                channel.closeFuture.whenComplete { _ in open.remove() }
                return channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(RequestBudget(time: connectionTime))
                    try pipeline.configureHTTPServerPipeline()
                    try pipeline.addHandler(RequestHandler(routes: routes))
                }
            }
        do {
            let channel = try await bootstrap.bind(host: host, port: port).get()
            let bound = channel.localAddress?.port ?? port
            let address = host.contains(":") ? "[\(host)]:\(bound)" : "\(host):\(bound)"
            return MonitoringServer(address: address, channel: channel, threads: threads)
        } catch {
            try? await threads.shutdownGracefully()
            let reason = (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
            throw MonitoringError(
                description: "cannot serve metrics at \(host):\(port): \(reason); choose another address with "
                    + "\(flag), port 0 takes a free one"
            )
        }
    }

    /// Serves until graceful shutdown or cancellation, then closes all connections.
    package func run() async throws {
        // It throws only where the task is cancelled, which ends the server as well.
        try? await gracefulShutdown()
        try await close()
    }

    /// Stops listening and closes all connections.
    package func close() async throws {
        do {
            try await channel.close()
        } catch ChannelError.alreadyClosed {
            // What was to be done is done.
        } catch {
            try await threads.shutdownGracefully()
            throw error
        }
        try await threads.shutdownGracefully()
    }
}

/// Why metrics cannot be served.
package struct MonitoringError: Error, CustomStringConvertible {
    package let description: String

    package init(description: String) {
        self.description = description
    }
}

/// How many connections are open.
private final class OpenConnections: Sendable {
    private let count = Atomic(0)

    /// - Returns: whether there was room for one more.
    func add() -> Bool {
        if count.add(1, ordering: .relaxed).newValue <= MonitoringServer.Limits.connectionsMax { return true }
        remove()
        return false
    }

    func remove() { count.subtract(1, ordering: .relaxed) }
}

/// Closes a connection that sends too much or takes too long.
private final class RequestBudget: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private var bytesLeft = MonitoringServer.Limits.requestBytesMax
    private let time: TimeAmount
    private var deadline: Scheduled<Void>?

    init(time: TimeAmount) {
        self.time = time
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        deadline = context.eventLoop.scheduleTask(in: time) { channel.close(promise: nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytesLeft -= unwrapInboundIn(data).readableBytes
        guard bytesLeft >= 0 else { return context.close(promise: nil) }
        context.fireChannelRead(data)
    }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        context.fireChannelInactive()
    }
}

/// Answers one request, then closes the connection.
private final class RequestHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart

    private let routes: [String: MonitoringServer.Route]
    private var head: HTTPRequestHead?
    private var hasAnswered = false

    init(routes: [String: MonitoringServer.Route]) {
        self.routes = routes
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body: break
        case .end:
            guard let head, !hasAnswered else { return }
            hasAnswered = true
            answer(head, context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func answer(_ request: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let channel = context.channel
        guard request.method == .GET || request.method == .HEAD else {
            return Self.write(.init(status: 405, body: "GET or HEAD\n"), to: request, channel)
        }
        let path = String(request.uri.prefix { $0 != "?" })
        guard let route = routes[path] else {
            let paths = routes.keys.sorted().joined(separator: ", ")
            return Self.write(.init(status: 404, body: "there is \(paths)\n"), to: request, channel)
        }
        context.eventLoop.makeFutureWithTask { await route() }.whenSuccess { Self.write($0, to: request, channel) }
    }

    /// Writes the response, and closes the connection when it is sent.
    private static func write(
        _ response: MonitoringServer.Response,
        to request: HTTPRequestHead,
        _ channel: any Channel
    ) {
        var headers = HTTPHeaders()
        headers.add(name: "Content-Type", value: response.contentType)
        headers.add(name: "Content-Length", value: "\(response.body.utf8.count)")
        headers.add(name: "Connection", value: "close")
        if response.status == 405 { headers.add(name: "Allow", value: "GET, HEAD") }
        let head = HTTPResponseHead(
            version: .http1_1,
            status: HTTPResponseStatus(statusCode: response.status),
            headers: headers
        )
        channel.write(HTTPServerResponsePart.head(head), promise: nil)
        if request.method != .HEAD {
            channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: response.body))), promise: nil)
        }
        channel.writeAndFlush(HTTPServerResponsePart.end(nil)).whenComplete { _ in channel.close(promise: nil) }
    }
}
