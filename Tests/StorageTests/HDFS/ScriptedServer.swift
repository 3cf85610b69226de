import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// An HTTP server on the loopback that answers as a test says.
final class ScriptedServer: Sendable {
    struct Request: Sendable {
        let method: HTTPMethod
        /// The path and query.
        let target: String
        let headers: HTTPHeaders
        let body: [UInt8]

        /// The value of `op`.
        var operation: String {
            target.split(separator: "?").last?.split(separator: "&").first { $0.hasPrefix("op=") }
                .map { String($0.dropFirst(3)) } ?? ""
        }
    }

    enum Answer: Sendable {
        case response(Int, String = "", headers: [(String, String)] = [])
        /// The connection is closed instead.
        case cut

        static func exception(_ name: String, _ message: String = "of the test", status: Int = 403) -> Answer {
            .response(
                status,
                #"{"RemoteException":{"exception":"\#(name)","javaClassName":"x","message":"\#(message)"}}"#
            )
        }
    }

    private let channel: any Channel
    private let received: Requests

    private final class Requests: Sendable {
        let list = Mutex<[Request]>([])
    }

    private init(_ channel: any Channel, _ received: Requests) {
        self.channel = channel
        self.received = received
    }

    /// `HOST:PORT`.
    var address: String { "127.0.0.1:\(channel.localAddress?.port ?? 0)" }

    /// What came so far.
    var requests: [Request] { received.list.withLock { $0 } }

    /// Runs `body` with a server that answers each request, of which it knows the number, as `script` says.
    ///
    /// - Parameter tls: what it shows of itself; `nil` for a server without TLS.
    static func run<Result>(
        tls: NIOSSLContext? = nil,
        _ script: @escaping @Sendable (Int, Request) -> Answer,
        _ body: (ScriptedServer) async throws -> Result
    ) async throws -> Result {
        let received = Requests()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(received, script))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            let result = try await body(ScriptedServer(channel, received))
            try await channel.close()
            return result
        } catch {
            try? await channel.close()
            throw error
        }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let received: Requests
        private let script: @Sendable (Int, Request) -> Answer
        private var head: HTTPRequestHead?
        private var body: [UInt8] = []

        init(_ received: Requests, _ script: @escaping @Sendable (Int, Request) -> Answer) {
            self.received = received
            self.script = script
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                self.head = head
                body = []
            case .body(let bytes): body += bytes.readableBytesView
            case .end:
                guard let head else { return }
                let request = Request(method: head.method, target: head.uri, headers: head.headers, body: body)
                let number = received.list.withLock { list in
                    list.append(request)
                    return list.count - 1
                }
                answer(script(number, request), context)
            }
        }

        private func answer(_ answer: Answer, _ context: ChannelHandlerContext) {
            guard case .response(let status, let text, let headers) = answer else {
                context.close(promise: nil)
                return
            }
            var head = HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: status))
            head.headers.add(contentsOf: headers)
            head.headers.replaceOrAdd(name: "Content-Length", value: "\(text.utf8.count)")
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}
