import Glibc
import NIOCore
import NIOPosix

/// The addresses of hosts.
enum HostNames {
    /// Finds the addresses of a host; it may wait for a name server.
    typealias Lookup = @Sendable (_ host: String, _ port: Int) -> Result<[SocketAddress], HopFailure>

    /// Asks the system.
    static let system: Lookup = { host, port in
        var hints = addrinfo()
        hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        var first: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, nil, &hints, &first)
        guard code == 0, let first else { return .failure(.unknownHost(String(cString: gai_strerror(code)))) }
        defer { freeaddrinfo(first) }
        var addresses: [SocketAddress] = []
        for info in sequence(first: first, next: { $0.pointee.ai_next }) {
            guard let address = address(info.pointee, host, port), !addresses.contains(address) else { continue }
            addresses.append(address)
        }
        return addresses.isEmpty ? .failure(.unknownHost("it has no address")) : .success(addresses)
    }

    private static func address(_ info: addrinfo, _ host: String, _ port: Int) -> SocketAddress? {
        guard let head = UnsafeRawPointer(info.ai_addr), let port = in_port_t(exactly: port) else { return nil }
        switch info.ai_family {
        case AF_INET:
            var address = head.loadUnaligned(as: sockaddr_in.self)
            address.sin_port = port.bigEndian
            return SocketAddress(address, host: host)
        case AF_INET6:
            var address = head.loadUnaligned(as: sockaddr_in6.self)
            address.sin6_port = port.bigEndian
            return SocketAddress(address, host: host)
        default: return nil
        }
    }

    /// Looks a host up on a thread that may wait. Where the time is over before it is known, the thread is left to itself.
    static func addresses(
        of host: String,
        _ port: Int,
        by lookup: @escaping Lookup,
        within time: TimeAmount
    ) async throws(HopFailure) -> [SocketAddress] {
        let eventLoop = MultiThreadedEventLoopGroup.singleton.any()
        let known = eventLoop.makePromise(of: [SocketAddress].self)
        let deadline = eventLoop.scheduleTask(in: time) { known.fail(HopFailure.noAnswer) }
        NIOThreadPool.singleton.submit { _ in
            let result = lookup(host, port)
            eventLoop.execute {
                deadline.cancel()
                known.completeWith(result.mapError { $0 as any Error })
            }
        }
        do {
            return try await known.futureResult.get()
        } catch {
            throw error as? HopFailure ?? .noAnswer
        }
    }
}
