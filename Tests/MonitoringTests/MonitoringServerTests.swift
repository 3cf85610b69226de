import Monitoring
import NIOCore
import NIOPosix
import Testing

@Suite(.timeLimit(.minutes(15))) struct MonitoringServerTests {
    private static let routes: [String: MonitoringServer.Route] = [
        "/metrics": { .init(body: "a 1\n") },
        "/health": { .init(status: 503, contentType: "application/json", body: "{}") },
    ]

    /// Runs `body` with a server on a free port. Its connections have minutes, since other tests may keep the client's
    /// event loop busy for seconds.
    private func withServer<Result>(
        connectionTime: TimeAmount = .minutes(4),
        _ body: (MonitoringServer) async throws -> Result
    ) async throws -> Result {
        let server = try await MonitoringServer.bind(
            host: "127.0.0.1",
            port: 0,
            routes: Self.routes,
            connectionTime: connectionTime
        )
        do {
            let result = try await body(server)
            try await server.close()
            return result
        } catch {
            try await server.close()
            throw error
        }
    }

    /// Everything that comes until the server closes the connection.
    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private var received = ByteBuffer()
        private let done: EventLoopPromise<String>

        init(_ done: EventLoopPromise<String>) {
            self.done = done
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            received.writeImmutableBuffer(unwrapInboundIn(data))
        }

        func channelInactive(context: ChannelHandlerContext) { done.succeed(String(buffer: received)) }

        // A connection that is reset ends as well.
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    private struct Client {
        let channel: any Channel
        let answer: EventLoopFuture<String>
    }

    private func connect(to server: MonitoringServer) async throws -> Client {
        let port = try #require(server.address.split(separator: ":").last.flatMap { Int($0) })
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let done = loop.makePromise(of: String.self)
        let channel = try await ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Collector(done))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        return Client(channel: channel, answer: done.futureResult)
    }

    private func answer(to request: String, of server: MonitoringServer) async throws -> String {
        let client = try await connect(to: server)
        // The server may have closed the connection before all is written.
        try? await client.channel.writeAndFlush(ByteBuffer(string: request))
        return try await client.answer.get()
    }

    @Test(arguments: [
        ("GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 200 OK", "a 1\n"),
        ("GET /metrics?x=1 HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK", "a 1\n"),
        ("HEAD /metrics HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 200 OK", ""),
        ("GET /health HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 503 Service Unavailable", "{}"),
        ("GET / HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 404 Not Found", "there is /health, /metrics\n"),
        (
            "POST /metrics HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc", "HTTP/1.1 405 Method Not Allowed",
            "GET or HEAD\n"
        ),
    ])
    func requestIsAnswered(request: String, status: String, body: String) async throws {
        let answer = try await withServer { try await self.answer(to: request, of: $0) }
        #expect(answer.hasPrefix(status + "\r\n"), "\(answer)")
        #expect(answer.hasSuffix("\r\n\r\n" + body), "\(answer)")
        let length = request.hasPrefix("HEAD") ? 4 : body.utf8.count
        #expect(answer.lowercased().contains("content-length: \(length)\r\n"), "\(answer)")
        #expect(answer.lowercased().contains("connection: close\r\n"), "\(answer)")
    }

    @Test func secondRequestOfAConnectionIsNotAnswered() async throws {
        let request = "GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n"
        let answer = try await withServer { try await self.answer(to: request + request, of: $0) }
        #expect(answer.split(separator: "HTTP/1.1 ").count == 1, "\(answer)")
    }

    @Test func requestThatIsTooLargeIsClosed() async throws {
        let header = String(repeating: "x", count: MonitoringServer.Limits.requestBytesMax)
        let request = "GET /metrics HTTP/1.1\r\nHost: h\r\nA: \(header)\r\n\r\n"
        #expect(try await withServer { try await self.answer(to: request, of: $0) } == "")
    }

    @Test func requestThatIsNoHTTPIsClosed() async throws {
        let answer = try await withServer { try await self.answer(to: "\u{0}\u{1}\r\n\r\n", of: $0) }
        #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 400 "), "\(answer)")
    }

    @Test func slowConnectionIsClosed() async throws {
        let answer = try await withServer(connectionTime: .milliseconds(20)) { server in
            try await self.answer(to: "GET /metr", of: server)
        }
        #expect(answer == "")
    }

    @Test func connectionBeyondTheLimitIsClosedAtOnce() async throws {
        try await withServer { server in
            var clients: [Client] = []
            for _ in 0..<MonitoringServer.Limits.connectionsMax { clients.append(try await connect(to: server)) }
            #expect(try await connect(to: server).answer.get() == "")
            for client in clients { try? await client.channel.close() }
        }
    }

    @Test func portInUseIsSaid() async throws {
        try await withServer { server in
            let port = try #require(server.address.split(separator: ":").last.flatMap { Int($0) })
            await #expect {
                try await MonitoringServer.bind(host: "127.0.0.1", port: port, routes: [:])
            } throws: { error in
                "\(error)".contains("cannot serve metrics at 127.0.0.1:\(port): Address already in use; choose")
            }
        }
    }
}
