import Glibc
import KafkaProtocol
import NIOCore
import NIOPosix

/// One plain connection to a broker, for a few requests one after the other.
final class HopConnection: Sendable {
    /// Bounds of what is taken from a peer.
    enum Limits {
        /// The answer with all nodes of a large cluster has less.
        static let answerBytesMax = 4 * 1024 * 1024
    }

    private let channel: any Channel
    private let timeout: TimeAmount

    private init(_ channel: any Channel, timeout: TimeAmount) {
        self.channel = channel
        self.timeout = timeout
    }

    /// Connects to the first of these addresses that can be connected to.
    ///
    /// - Returns: the connection and its address.
    /// - Throws: why the last one cannot.
    static func open(
        _ addresses: [SocketAddress],
        timeout: TimeAmount
    ) async throws(HopFailure) -> (connection: HopConnection, address: SocketAddress) {
        var failure = HopFailure.unknownHost("it has no address")
        for address in addresses {
            do {
                let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                    .connectTimeout(timeout)
                    .channelInitializer { channel in
                        channel.eventLoop.makeCompletedFuture {
                            try channel.pipeline.syncOperations.addHandler(AnswerReader())
                        }
                    }
                    .connect(to: address).get()
                return (HopConnection(channel, timeout: timeout), address)
            } catch let error as IOError {
                failure = .system(errno: error.errnoCode)
            } catch {
                failure = .noAnswer
            }
        }
        throw failure
    }

    func close() async { try? await channel.close() }

    /// Sends a request and reads its answer.
    func ask<Response: WireResponse>(
        _ request: some WireRequest,
        version: Int16,
        for type: Response.Type = Response.self
    ) async throws(HopFailure) -> Response {
        let bytes = RequestFrame.encode(request, version: version, correlationID: 1, clientID: "hera-doctor")
        var frame = try await exchange(bytes)
        guard let answered = try? ResponseFrame.readHeader(from: &frame, api: Response.api, version: version),
            answered == 1, let response = try? Response(from: &frame, version: version)
        else { throw .notKafka }
        return response
    }

    /// Whether what listens at `address` answers a client that begins with TLS.
    static func speaksTLS(_ address: SocketAddress, timeout: TimeAmount) async -> Bool {
        guard let connection = try? await open([address], timeout: timeout).connection else { return false }
        do throws(HopFailure) {
            _ = try await connection.exchange(TLSGreeting.bytes)
        } catch {
            await connection.close()
            return error == .tls
        }
        await connection.close()
        return false
    }

    private func exchange(_ bytes: ByteBuffer) async throws(HopFailure) -> ByteBuffer {
        let (channel, timeout) = (channel, timeout)
        let answer = channel.eventLoop.flatSubmit {
            let promise = channel.eventLoop.makePromise(of: ByteBuffer.self)
            do {
                let reader = try channel.pipeline.syncOperations.handler(type: AnswerReader.self)
                reader.expect(promise, within: timeout, on: channel.eventLoop)
                channel.writeAndFlush(bytes, promise: nil)
            } catch {
                // The connection was closed, and its handlers removed.
                promise.fail(HopFailure.closed)
            }
            return promise.futureResult
        }
        do {
            return try await answer.get()
        } catch {
            throw error as? HopFailure ?? .closed
        }
    }
}

/// Reads one answer at a time.
private final class AnswerReader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private var bytes = ByteBuffer()
    private var decoder = FrameDecoder(frameByteCountMax: HopConnection.Limits.answerBytesMax)
    private var promise: EventLoopPromise<ByteBuffer>?
    private var deadline: Scheduled<Void>?

    func expect(_ promise: EventLoopPromise<ByteBuffer>, within time: TimeAmount, on eventLoop: any EventLoop) {
        self.promise = promise
        deadline = eventLoop.assumeIsolated().scheduleTask(in: time) { self.settle(.failure(.noAnswer)) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytes.writeImmutableBuffer(unwrapInboundIn(data))
        if let failure = otherProtocol { return settle(.failure(failure)) }
        do {
            if let frame = try decoder.decode(buffer: &bytes) { settle(.success(frame)) }
        } catch {
            settle(.failure(.notKafka))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        settle(.failure(.closed))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    /// What else the answer begins like. As the length of a frame each of these would be beyond the limit.
    private var otherProtocol: HopFailure? {
        let first = bytes.getBytes(at: bytes.readerIndex, length: min(4, bytes.readableBytes)) ?? []
        if first.count >= 2, first[0] == 0x15 || first[0] == 0x16, first[1] == 0x03 { return .tls }
        return first == Array("HTTP".utf8) ? .http : nil
    }

    private func settle(_ result: Result<ByteBuffer, HopFailure>) {
        deadline?.cancel()
        deadline = nil
        let waiting = promise
        promise = nil
        waiting?.completeWith(result.mapError { $0 as any Error })
    }
}

/// The first message of a client that speaks TLS 1.2, whatever the server then makes of it:
///
///     0   16 03 01 len16        a record with a handshake message
///     5   01 len24              a ClientHello
///     9   03 03                 TLS 1.2
///     11  32 bytes              "random": zeros, as no session comes of it
///     43  00                    no session
///     44  len16 c02f 009c       two cipher suites
///     50  01 00                 no compression
private enum TLSGreeting {
    static var bytes: ByteBuffer {
        var hello = ByteBuffer(bytes: [0x03, 0x03])
        hello.writeRepeatingByte(0, count: 32)
        hello.writeBytes([0x00, 0x00, 0x04, 0xC0, 0x2F, 0x00, 0x9C, 0x01, 0x00])
        var record = ByteBuffer(bytes: [0x16, 0x03, 0x01])
        record.writeInteger(UInt16(hello.readableBytes + 4))
        record.writeBytes([0x01, 0x00])
        record.writeInteger(UInt16(hello.readableBytes))
        record.writeImmutableBuffer(hello)
        return record
    }
}
