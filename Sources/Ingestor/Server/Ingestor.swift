import CommitLog
package import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

/// The embedded ingestor: a Kafka-protocol server of one node over a durable log.
///
/// Kafka's clients produce to it and consume from it as from any Kafka; what it serves, and in which versions, is the table
/// in `SupportedAPI`. What is acknowledged survives the end of the process at any moment; what a power cut may take depends
/// on the flush policy. On graceful shutdown it takes no more connections, answers what is under way, and closes its logs.
package final class Ingestor: Service {
    private let configuration: IngestorConfiguration
    private let logger: Logger
    private let bound = BoundAddress()
    private let hasRun = Atomic(false)

    package init(configuration: IngestorConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    /// Where it serves, as soon as it does; throws what ``run()`` failed with. Waits for ``run()`` to be called.
    package var boundAddress: ListenAddress {
        get async throws { try await bound.value }
    }

    /// Serves until graceful shutdown, or until the task is cancelled; to be called once.
    ///
    /// - Throws: ``IngestorError`` where it cannot start, or cannot close its logs in order.
    package func run() async throws {
        let isFirst = hasRun.exchange(true, ordering: .relaxed) == false
        precondition(isFirst, "an ingestor runs once: make another one")
        do {
            try await serve()
            bound.settle(.failure(CancellationError()))
        } catch {
            bound.settle(.failure(error))
            throw error
        }
    }

    private func serve() async throws {
        if let problem = configuration.problem { throw IngestorError.configuration(problem) }
        OpenFiles.raiseLimit()
        let threads = NIOThreadPool(numberOfThreads: 4)
        let topicThreads = NIOThreadPool(numberOfThreads: 1)
        threads.start()
        topicThreads.start()
        let failure = await failure { try await serve(threads, topicThreads) }
        try await topicThreads.shutdownGracefully()
        try await threads.shutdownGracefully()
        if let failure { throw failure }
    }

    private func serve(_ threads: NIOThreadPool, _ topicThreads: NIOThreadPool) async throws {
        let configuration = configuration
        let logger = logger
        let eventLoop = MultiThreadedEventLoopGroup.singleton.any()
        let data = try await threads.runIfActive(eventLoop: eventLoop) {
            try DataDirectory(configuration, logger: logger)
        }.get()
        let failure = await failure {
            try await serve(from: data, threads, topicThreads)
        }
        // A cancelled task waits for a future nevertheless: the logs are closed in order in any case.
        try await threads.runIfActive(eventLoop: eventLoop) { try data.close() }.get()
        logger.info("logs closed")
        if let failure { throw failure }
    }

    private func serve(
        from data: DataDirectory,
        _ threads: NIOThreadPool,
        _ topicThreads: NIOThreadPool
    ) async throws {
        let eventLoops = MultiThreadedEventLoopGroup.singleton
        let broker = Broker(
            configuration: configuration,
            topics: data.topics,
            offsets: data.offsets,
            producerIDs: data.producerIDs,
            clusterID: data.clusterID,
            eventLoops: eventLoops,
            threads: threads,
            logClock: { data.manager.clock.now() },
            topicThreads: topicThreads,
            logger: logger
        )
        let connections = Connections(limit: configuration.limits.connectionsMax)
        let listener = try Listener.start(broker, connections, on: eventLoops, logger: logger)
        let address = listener.address
        OpenFiles.closeOnExec()
        announce(address, topics: data.topics.all.count)
        bound.settle(.success(address))

        let upkeep = upkeep(of: data, broker, threads, on: eventLoops.next())
        // Ends by throwing where the task is cancelled: that is a way to stop as well.
        _ = await failure { try await gracefulShutdown() }

        logger.info("stopping", metadata: [LogKey.connections: "\(connections.count)"])
        try await listener.close()
        broker.groups.close()
        try await connections.close(within: configuration.limits.shutdownGrace, on: eventLoops.next()).get()
        let stopped = eventLoops.next().makePromise(of: Void.self)
        upkeep.cancel(promise: stopped)
        try await stopped.futureResult.get()
    }

    private func announce(_ address: ListenAddress, topics: Int) {
        logger.info(
            "serving",
            metadata: [
                LogKey.address: "\(address)",
                LogKey.directory: "\(configuration.directory)",
                LogKey.flush: "\(configuration.log.flushPolicy)",
                LogKey.topics: "\(topics)",
            ]
        )
        if let advertised = configuration.advertised, advertised.isWildcard {
            logger.warning(
                """
                advertised address refused: a wildcard sends every client to itself. Clients are told the address that \
                they came by; advertise the name or the address by which they reach this machine
                """,
                metadata: [LogKey.address: "\(advertised)"]
            )
        }
        guard !configuration.listen.isLoopback else { return }
        logger.warning(
            "listening beyond this machine without authentication: every client that reaches the port can read and write all topics",
            metadata: [LogKey.address: "\(address)"]
        )
    }

    /// Periodic maintenance, off the event loops, one run after the other.
    private func upkeep(
        of data: DataDirectory,
        _ broker: Broker,
        _ threads: NIOThreadPool,
        on eventLoop: any EventLoop
    ) -> RepeatedTask {
        var interval = configuration.maintenanceInterval
        var flushes = false
        if case .interval(milliseconds: let milliseconds) = configuration.log.flushPolicy {
            interval = min(interval, TimeAmount.milliseconds(max(1, milliseconds)))
            flushes = true
        }
        let (flushesOffsets, maintainsLogs, logger) = (flushes, configuration.maintainsLogs, logger)
        return eventLoop.scheduleRepeatedAsyncTask(initialDelay: interval, delay: interval) { _ in
            broker.groups.removeIdleGroups()
            guard maintainsLogs else { return eventLoop.makeSucceededVoidFuture() }
            threads.submit { _ in
                data.maintenance.watch(.expiry, logger) { () throws(IngestorError) in try broker.expireOffsets() }
            }
            return threads.runIfActive(eventLoop: eventLoop) {
                data.maintain(flushes: flushesOffsets, logger: logger)
            }
        }
    }

    /// What `work` throws, to be dealt with after something else was put in order.
    private func failure(_ work: () async throws -> Void) async -> (any Error)? {
        do {
            try await work()
            return nil
        } catch {
            return error
        }
    }
}

/// The address that an ingestor serves at, for callers that ask before it is known.
final class BoundAddress: Sendable {
    private enum State {
        case unknown([CheckedContinuation<ListenAddress, any Error>])
        case known(Result<ListenAddress, any Error>)
    }

    private let state = Mutex(State.unknown([]))

    /// Waits until it is known, or known that there will be none.
    var value: ListenAddress {
        get async throws {
            try await withCheckedThrowingContinuation { continuation in
                let known = state.withLock { state -> Result<ListenAddress, any Error>? in
                    switch state {
                    case .known(let result): return result
                    case .unknown(let waiting):
                        state = .unknown(waiting + [continuation])
                        return nil
                    }
                }
                if let known { continuation.resume(with: known) }
            }
        }
    }

    /// Sets it, or why there is none. The first result stays.
    func settle(_ result: Result<ListenAddress, any Error>) {
        let waiting = state.withLock { state -> [CheckedContinuation<ListenAddress, any Error>] in
            guard case .unknown(let waiting) = state else { return [] }
            state = .known(result)
            return waiting
        }
        for continuation in waiting { continuation.resume(with: result) }
    }
}
