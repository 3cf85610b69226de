import Ingestor
import KafkaProtocol
import NIOCore
import NIOPosix
import PipelineTesting
import Testing

/// One connection to an ingestor, down to its bytes.
struct WireClient {
    fileprivate var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    fileprivate let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var correlationID: Int32 = 0

    fileprivate init(
        inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator,
        outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) {
        self.inbound = inbound
        self.outbound = outbound
    }

    func send(_ bytes: ByteBuffer) async throws {
        try await outbound.write(bytes)
    }

    /// Sends a request and returns the number that its answer will have.
    @discardableResult
    mutating func send(_ request: some WireRequest, version: Int16) async throws -> Int32 {
        correlationID += 1
        try await send(
            RequestFrame.encode(request, version: version, correlationID: correlationID, clientID: "test")
        )
        return correlationID
    }

    /// Sends a request that will wait, and returns when it does: it goes in one piece with one that is answered before it,
    /// and answers leave when there is nothing more to do.
    mutating func sendAndSeeItWait(_ request: some WireRequest, version: Int16) async throws -> Int32 {
        let first = ApiVersionsRequest()
        var bytes = RequestFrame.encode(first, version: 0, correlationID: correlationID + 1)
        bytes.writeImmutableBuffer(
            RequestFrame.encode(request, version: version, correlationID: correlationID + 2, clientID: "test")
        )
        correlationID += 2
        let id = correlationID
        try await send(bytes)
        let _: ApiVersionsResponse = try await receive(version: 0, to: id - 1)
        return id
    }

    /// The next answer's bytes without their length; `nil` where the ingestor closed the connection.
    mutating func nextFrame() async throws -> ByteBuffer? {
        do {
            return try await inbound.next(isolation: nil)
        } catch is IOError {
            return nil  // Closed with bytes of ours unread: the system says "reset".
        }
    }

    /// The next answer, which must be the one to `correlationID`.
    mutating func receive<Response: WireResponse>(
        _ type: Response.Type = Response.self,
        version: Int16,
        to correlationID: Int32
    ) async throws -> Response {
        var frame = try #require(try await nextFrame(), "the connection was closed")
        let answered = try ResponseFrame.readHeader(from: &frame, api: Response.api, version: version)
        #expect(answered == correlationID, "answers come in the order of the requests")
        return try Response(from: &frame, version: version)
    }

    /// Sends a request and waits for its answer.
    mutating func exchange<Response: WireResponse>(
        _ request: some WireRequest,
        version: Int16,
        for type: Response.Type = Response.self
    ) async throws -> Response {
        let id = try await send(request, version: version)
        return try await receive(type, version: version, to: id)
    }

    /// Waits until the ingestor closes the connection; no answer may come before.
    mutating func expectClosed() async throws {
        #expect(try await nextFrame() == nil)
    }
}

/// Connects to an ingestor, and closes the connection when `body` returns.
func withConnection<Result>(
    to address: ListenAddress,
    _ body: (inout WireClient) async throws -> Result
) async throws -> Result {
    let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        .connect(host: address.host, port: address.port) { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(FrameDecoder()))
                return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            }
        }
    return try await channel.executeThenClose { inbound, outbound in
        var client = WireClient(inbound: inbound.makeAsyncIterator(), outbound: outbound)
        return try await body(&client)
    }
}
