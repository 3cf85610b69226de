import Glibc
import Logging
import NIOCore
import NIOPosix

/// Takes connections and gives each a ``ConnectionHandler``.
enum Listener {
    /// Connections that may wait to be taken.
    private static let backlog: CInt = 256
    /// Bytes of answers beyond which no further request of that connection is read, until fewer than the lower number wait.
    private static let waitingBytes = ChannelOptions.Types.WriteBufferWaterMark(low: 256 * 1024, high: 1024 * 1024)

    /// - Throws: ``IngestorError`` where the address cannot be listened at.
    static func bind(
        _ broker: Broker,
        _ connections: Connections,
        on eventLoops: any EventLoopGroup,
        logger: Logger
    ) async throws -> any Channel {
        let limits = broker.configuration.limits
        let address = broker.configuration.listen
        let bootstrap = ServerBootstrap(group: eventLoops)
            .serverChannelOption(.backlog, value: backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(.writeBufferWaterMark, value: waitingBytes)
            .childChannelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(
                    minimum: limits.receiveBufferBytesMin,
                    initial: min(16 * 1024, limits.receiveBufferBytesMax),
                    maximum: limits.receiveBufferBytesMax
                )
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    var logger = logger
                    logger[metadataKey: LogKey.peer] = "\(channel.remoteAddress?.description ?? "unknown")"
                    switch connections.add(channel) {
                    case nil: break
                    case .limitReached:
                        logger.warning(
                            "connection refused: there are as many as may be",
                            metadata: [LogKey.connections: "\(limits.connectionsMax)"]
                        )
                        throw ChannelError.ioOnClosedChannel
                    case .stopping:
                        logger.debug("connection refused: the ingestor stops")
                        throw ChannelError.ioOnClosedChannel
                    }
                    let handler = ConnectionHandler(broker: broker, logger: logger)
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
        do {
            return try await bootstrap.bind(host: address.host, port: address.port).get()
        } catch let error as IOError {
            throw IngestorError.address(address.description, reason: String(cString: strerror(error.errnoCode)))
        } catch {
            throw IngestorError.address(address.description, reason: "\(error)")
        }
    }
}
