import Files
import NIOCore
import NIOEmbedded
import NIOPosix
import PipelineTesting
import SystemPackage

@testable import Ingestor

/// A broker over a directory of its own that serves no port, for parts that are tested without sockets.
func withBroker(
    log: CollectedLog = CollectedLog(),
    logClock: @escaping @Sendable () -> Int64 = { 0 },
    calls: DiskCalls = .system,
    configure: (inout IngestorConfiguration) -> Void = { _ in },
    _ body: (Broker) throws -> Void
) throws {
    try withTemporaryDirectory { directory in
        var configuration = IngestorConfiguration(directory: directory.string)
        configuration.topics = [events]
        configure(&configuration)
        let data = try DataDirectory(configuration, logger: log.logger, calls: calls)
        let broker = Broker(
            configuration: configuration,
            topics: data.topics,
            offsets: data.offsets,
            producerIDs: data.producerIDs,
            liveSettings: data.liveSettings,
            clusterID: data.clusterID,
            eventLoops: MultiThreadedEventLoopGroup.singleton,
            threads: .singleton,
            logClock: logClock,
            timeOfDay: { 0 },
            topicThreads: .singleton,
            logger: log.logger
        )
        try body(broker)
        try data.close()
    }
}

extension EmbeddedChannel {
    /// A connection to `broker` that exists in memory only, and whose time goes by when it is told to.
    static func connected(
        to broker: Broker,
        log: CollectedLog = CollectedLog(),
        transfer: RecordTransfer = .fileRegions
    ) throws -> EmbeddedChannel {
        let channel = EmbeddedChannel()
        try channel.pipeline.syncOperations.addHandler(
            ConnectionHandler(broker: broker, origin: .test, transfer: transfer, logger: log.logger)
        )
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 9092)).wait()
        return channel
    }
}

extension ConnectionOrigin {
    static let test = ConnectionOrigin(listener: "TEST", principal: .anonymous)
}
