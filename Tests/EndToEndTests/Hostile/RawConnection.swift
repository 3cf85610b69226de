import Dispatch
import Glibc
import KafkaProtocol
import NIOCore
import PipelineTesting
import Testing

/// One connection to an ingestor, down to its bytes. Its calls block: see ``onThread(_:)``.
final class RawConnection: @unchecked Sendable {  // Used by one task at a time.
    /// None came in time.
    struct NoAnswer: Error {}

    private let socket: CInt
    private var correlationID: Int32 = 0

    /// - Parameter patience: How long a call waits before it throws.
    init(to bootstrap: String, patience: Duration = .seconds(30)) throws {
        let port = try #require(bootstrap.split(separator: ":").last.flatMap { UInt16($0) })
        socket = Glibc.socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        try #require(socket >= 0, "socket: \(Self.reason)")
        var time = timeval(tv_sec: Int(patience.components.seconds), tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(socket, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let status = withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(status == 0, "connect: \(Self.reason)")
    }

    deinit { Glibc.close(socket) }

    /// Sends what the socket takes at once; returns how much that was, 0 also where the connection has ended.
    func sendSome(of bytes: ByteBuffer) -> Int {
        let count = bytes.withUnsafeReadableBytes {
            Glibc.send(socket, $0.baseAddress, $0.count, CInt(MSG_DONTWAIT) | CInt(MSG_NOSIGNAL))
        }
        return max(0, count)
    }

    /// Sends all of it; returns `false` where the connection ended before.
    func send(_ bytes: ByteBuffer) throws -> Bool {
        var rest = bytes
        while rest.readableBytes > 0 {
            let count = rest.withUnsafeReadableBytes {
                Glibc.send(socket, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
            }
            guard count > 0 else {
                try #require(errno == EPIPE || errno == ECONNRESET, "send: \(Self.reason)")
                return false
            }
            rest.moveReaderIndex(forwardBy: count)
        }
        return true
    }

    /// The next answer without its length; `nil` where the connection ended.
    func answer() throws -> ByteBuffer? {
        guard var prefix = try read(4), let byteCount = prefix.readInteger(as: Int32.self) else { return nil }
        return try read(Int(byteCount))
    }

    /// Sends a request and returns its answer; `nil` where the connection ended.
    func exchange<Response: WireResponse>(
        _ request: some WireRequest,
        version: Int16,
        for type: Response.Type = Response.self
    ) throws -> Response? {
        correlationID += 1
        let frame = RequestFrame.encode(request, version: version, correlationID: correlationID, clientID: "raw")
        guard try send(frame), var answer = try answer() else { return nil }
        let answered = try ResponseFrame.readHeader(from: &answer, api: Response.api, version: version)
        #expect(answered == correlationID)
        return try Response(from: &answer, version: version)
    }

    private func read(_ byteCount: Int) throws -> ByteBuffer? {
        var bytes = ByteBuffer()
        while bytes.readableBytes < byteCount {
            let missing = byteCount - bytes.readableBytes
            errno = 0
            let count = bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: missing) {
                max(0, recv(socket, $0.baseAddress, missing, 0))
            }
            guard count > 0 else {
                if errno == EAGAIN { throw NoAnswer() }
                return nil
            }
        }
        return bytes
    }

    private static var reason: String { String(cString: strerror(errno)) }
}

/// Runs what blocks away from the threads that tests share.
func onThread<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global().async {
            continuation.resume(with: Swift.Result { try body() })
        }
    }
}
