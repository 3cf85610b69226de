import Glibc
import Logging
import NIOCore
import NIOPosix
import Synchronization

/// A listening socket: takes connections on a thread of its own and gives each a ``ConnectionHandler``.
///
/// NIO's own server channel is not used for three reasons. It opens sockets that a child process inherits: one that outlives a
/// crash would keep the port. Where no descriptor is left, it is notified of the pending connection in a busy loop. And it
/// takes a few connections each turn of an event loop that serves others: where 200 busy clients come together, the last one
/// is answered after 50 to 150 ms.
final class Listener: Sendable {
    /// Connections that may wait to be taken.
    private static let backlog: CInt = 256
    /// How long nothing is accepted after there was no descriptor or memory for a connection.
    private static let pauseMilliseconds: CInt = 200
    /// Descriptors that connections leave to the files of the log; a quarter of all where that is less.
    private static let descriptorsForFiles = 64

    /// Its name, and where it listens.
    let bound: BoundListener
    private let socket: CInt
    /// Two connected sockets: closing one wakes the thread that waits for the other.
    private let stopSocket: CInt
    private let wakeUp: CInt
    private let take: @Sendable (CInt) -> Void
    private let stopped: EventLoopFuture<Void>
    private let logger: Logger
    private let descriptorsMax = OpenFiles.limit
    private let isPausing = Atomic(false)

    /// Listens at an address and begins to accept.
    ///
    /// - Throws: ``IngestorError`` where the address cannot be listened at.
    static func start(
        _ configuration: ListenerConfiguration,
        _ broker: Broker,
        _ connections: Connections,
        on eventLoops: any EventLoopGroup,
        logger: Logger
    ) throws(IngestorError) -> Listener {
        let wanted = configuration.listen
        // Its connections are neither encrypted nor authenticated.
        let origin = ConnectionOrigin(
            listener: configuration.name,
            advertised: configuration.route,
            principal: .anonymous
        )
        let socket = try open(wanted)
        var pair: [CInt] = [-1, -1]
        guard socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &pair) == 0 else {
            let number = errno
            _ = Glibc.close(socket)
            throw .address(wanted.description, reason: String(cString: strerror(number)))
        }
        let stopped = eventLoops.next().makePromise(of: Void.self)
        let listener = Listener(
            socket: socket,
            stopSocket: pair[0],
            wakeUp: pair[1],
            bound: BoundListener(
                name: configuration.name,
                address: ListenAddress(host: wanted.host, port: port(of: socket) ?? wanted.port)
            ),
            take: { taken in
                // Made for each connection: a bootstrap cannot be shared between threads.
                bootstrap(broker, origin, connections, on: eventLoops, logger: logger).withConnectedSocket(taken)
                    .whenFailure { logger.debug("connection not taken", metadata: [LogKey.reason: "\($0)"]) }
            },
            stopped: stopped.futureResult,
            logger: logger
        )
        let threads = NIOThreadPool(numberOfThreads: 1)
        threads.start()
        threads.submit { _ in
            listener.acceptUntilStopped()
            stopped.succeed(())
            threads.shutdownGracefully { _ in }
        }
        return listener
    }

    private init(
        socket: CInt,
        stopSocket: CInt,
        wakeUp: CInt,
        bound: BoundListener,
        take: @escaping @Sendable (CInt) -> Void,
        stopped: EventLoopFuture<Void>,
        logger: Logger
    ) {
        self.socket = socket
        self.stopSocket = stopSocket
        self.wakeUp = wakeUp
        self.bound = bound
        self.take = take
        self.stopped = stopped
        self.logger = logger
    }

    /// Stops accepting; returns when the address is free.
    func close() async throws {
        _ = Glibc.close(stopSocket)
        try await stopped.get()
    }

    /// Whether the system had no room for the last connection that came.
    var isOutOfRoom: Bool { isPausing.load(ordering: .relaxed) }

    // MARK: Accepting

    private func acceptUntilStopped() {
        while true {
            let isPausing = isOutOfRoom
            var polled = [
                pollfd(fd: wakeUp, events: Int16(POLLIN), revents: 0),
                // A negative descriptor is not looked at.
                pollfd(fd: isPausing ? -1 : socket, events: Int16(POLLIN), revents: 0),
            ]
            let count = poll(&polled, 2, isPausing ? Self.pauseMilliseconds : -1)
            if polled[0].revents != 0 { break }
            if count < 0, errno != EINTR {
                logger.error("listening failed", metadata: [LogKey.reason: "\(String(cString: strerror(errno)))"])
                break
            }
            self.isPausing.store(!accept(logsRefusal: !isPausing), ordering: .relaxed)
        }
        _ = Glibc.close(socket)
        _ = Glibc.close(wakeUp)
    }

    /// Takes the connections that wait.
    ///
    /// - Returns: `false` where the system has no room for another one.
    private func accept(logsRefusal: Bool) -> Bool {
        while true {
            guard leavesDescriptorsForFiles() else {
                if logsRefusal {
                    logger.error(
                        "no connection can be accepted for now: raise the limit of open files (ulimit -n)",
                        metadata: [LogKey.limit: "\(descriptorsMax)"]
                    )
                }
                return false
            }
            let accepted = GNUCalls.accept(socket)
            if accepted >= 0 {
                take(accepted)
                continue
            }
            switch errno {
            case EAGAIN: return true
            // Errors of the connection that was about to be accepted: the next one may be well.
            case EINTR, ECONNABORTED, EPROTO, ENETDOWN, ENETUNREACH, EHOSTDOWN, EHOSTUNREACH, ENONET, ENOPROTOOPT,
                EOPNOTSUPP, EPERM:
                continue
            default:
                if logsRefusal {
                    logger.error(
                        "no connection can be accepted for now",
                        metadata: [LogKey.reason: "\(String(cString: strerror(errno)))"]
                    )
                }
                return false
            }
        }
    }

    /// Whether enough descriptors are free for one more connection: the system gives out the least of them.
    private func leavesDescriptorsForFiles() -> Bool {
        let least = fcntl(socket, F_DUPFD_CLOEXEC, 0)
        guard least >= 0 else { return false }
        _ = Glibc.close(least)
        return Int(least) < descriptorsMax - min(Self.descriptorsForFiles, descriptorsMax / 4)
    }

    private static func bootstrap(
        _ broker: Broker,
        _ origin: ConnectionOrigin,
        _ connections: Connections,
        on eventLoops: any EventLoopGroup,
        logger: Logger
    ) -> ClientBootstrap {
        let limits = broker.configuration.limits
        let unsent = ChannelOptions.Types.WriteBufferWaterMark(
            low: max(1, limits.unsentAnswerBytesMax / 2),
            high: max(1, limits.unsentAnswerBytesMax)
        )
        return ClientBootstrap(group: eventLoops)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.autoRead, value: false)
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelOption(.writeBufferWaterMark, value: unsent)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    switch connections.add(channel, countedBy: origin.metrics) {
                    case nil: break
                    case .limitReached:
                        logger.warning(
                            "connection refused: the limit of connections is reached",
                            metadata: [LogKey.connections: "\(limits.connectionsMax)"]
                        )
                        throw ChannelError.ioOnClosedChannel
                    case .stopping:
                        logger.debug("connection refused: the ingestor stops")
                        throw ChannelError.ioOnClosedChannel
                    }
                    let handler = ConnectionHandler(
                        broker: broker,
                        origin: origin,
                        transfer: .fileRegions,
                        logger: logger
                    )
                    try channel.syncOptions?.setOption(.recvAllocator, value: handler.receiveBuffers)
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
    }

    // MARK: The socket

    private static func open(_ address: ListenAddress) throws(IngestorError) -> CInt {
        let resolved: SocketAddress
        do {
            resolved = try SocketAddress.makeAddressResolvingHost(address.host, port: address.port)
        } catch {
            throw .address(address.description, reason: "there is no host '\(address.host)'")
        }
        let kind = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let socket = Glibc.socket(resolved.protocol == .inet6 ? AF_INET6 : AF_INET, kind, 0)
        guard socket >= 0 else { throw .address(address.description, reason: String(cString: strerror(errno))) }
        var yes: CInt = 1
        let isOpen =
            setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<CInt>.size)) == 0
            && resolved.withSockAddr { Glibc.bind(socket, $0, socklen_t($1)) } == 0
            && listen(socket, backlog) == 0
        guard isOpen else {
            let number = errno
            _ = Glibc.close(socket)
            throw .address(address.description, reason: String(cString: strerror(number)))
        }
        return socket
    }

    private static func port(of socket: CInt) -> Int? {
        var name = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &name) { name in
            name.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &length) }
        }
        guard result == 0 else { return nil }
        // The port has the same place in the addresses of both families.
        return withUnsafeBytes(of: &name) { Int(UInt16(bigEndian: $0.load(fromByteOffset: 2, as: UInt16.self))) }
    }
}
