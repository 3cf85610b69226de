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
    private let bound = BoundListeners()
    private let watch = IngestorWatch()
    private let hasRun = Atomic(false)

    package init(configuration: IngestorConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    /// Where it serves, as soon as it does: one for each listener of the configuration, in its order. Throws what ``run()``
    /// failed with. Waits for ``run()`` to be called.
    package var boundListeners: [BoundListener] {
        get async throws { try await bound.value }
    }

    /// The first of ``boundListeners``.
    package var boundAddress: ListenAddress {
        get async throws { try await bound.value[0].address }
    }

    /// How it is now.
    package var state: IngestorState { watch.state }

    /// What is measured now, or was a moment ago; `nil` while it does not serve.
    package func readings() async -> IngestorReadings? { await watch.readings() }

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
            liveSettings: data.liveSettings,
            clusterID: data.clusterID,
            eventLoops: eventLoops,
            threads: threads,
            logClock: { data.manager.clock.now() },
            timeOfDay: { data.manager.clock.timeOfDay() },
            topicThreads: topicThreads,
            logger: logger.limited(by: configuration.limits)
        )
        let connections = Connections(limit: configuration.limits.connectionsMax)
        let listeners = try await startListeners(broker, connections, on: eventLoops)
        OpenFiles.closeOnExec()
        announce(listeners.map(\.bound), topics: data.topics.all.count)
        watch.serve(
            .init(
                broker: broker,
                maintenance: data.maintenance,
                connections: connections,
                listeners: listeners,
                timeOfDay: LogClock.Readings.system.timeOfDay
            )
        )
        bound.settle(.success(listeners.map(\.bound)))

        let upkeep = [
            upkeep(of: data, broker, threads, on: eventLoops.next()),
            cleaning(of: data, threads, on: eventLoops.next()),
        ]
        // Ends by throwing where the task is cancelled: that is a way to stop as well.
        _ = await failure { try await gracefulShutdown() }

        watch.stop()
        logger.info("stopping", metadata: [LogKey.connections: "\(connections.count)"])
        for listener in listeners { try await listener.close() }
        broker.groups.close()
        try await connections.close(within: configuration.limits.shutdownGrace, on: eventLoops.next()).get()
        for task in upkeep {
            let stopped = eventLoops.next().makePromise(of: Void.self)
            task.cancel(promise: stopped)
            try await stopped.futureResult.get()
        }
    }

    /// Listens at all addresses, or at none where one of them cannot be had.
    private func startListeners(
        _ broker: Broker,
        _ connections: Connections,
        on eventLoops: any EventLoopGroup
    ) async throws -> [Listener] {
        var listeners: [Listener] = []
        do {
            for listener in configuration.listeners {
                let started = try Listener.start(listener, broker, connections, on: eventLoops, logger: broker.logger)
                listeners.append(started)
            }
        } catch {
            for listener in listeners { try await listener.close() }
            throw error
        }
        return listeners
    }

    private func announce(_ listeners: [BoundListener], topics: Int) {
        logger.info(
            "serving",
            metadata: [
                LogKey.address: "\(listeners.map(\.description).joined(separator: ", "))",
                LogKey.directory: "\(configuration.directory)",
                LogKey.flush: "\(configuration.log.flushPolicy)",
                LogKey.topics: "\(topics)",
            ]
        )
        for listener in configuration.listeners {
            guard let advertised = listener.advertised, listener.route == nil else { continue }
            logger.warning(
                """
                advertised address refused: a wildcard sends every client to itself. Clients are told the address that \
                they came by; advertise the name or the address by which they reach this machine
                """,
                metadata: [LogKey.address: "\(advertised)"]
            )
        }
        let open = listeners.filter { !$0.address.isLoopback }
        guard !open.isEmpty else { return }
        logger.warning(
            "listening beyond this machine without authentication: every client that reaches the port can read and write all topics",
            metadata: [LogKey.address: "\(open.map(\.address.description).joined(separator: ", "))"]
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
        if case .interval(milliseconds: let milliseconds) = configuration.log.flushPolicy {
            interval = min(interval, TimeAmount.milliseconds(max(1, milliseconds)))
        }
        let (maintainsLogs, logger) = (configuration.maintainsLogs, logger)
        return eventLoop.scheduleRepeatedAsyncTask(initialDelay: interval, delay: interval) { _ in
            broker.groups.removeIdleGroups()
            guard maintainsLogs else { return eventLoop.makeSucceededVoidFuture() }
            return threads.runIfActive(eventLoop: eventLoop) {
                data.maintenance.watch(.expiry, logger) { () throws(IngestorError) in try broker.expireOffsets() }
                data.maintain(logger: logger)
            }
        }
    }

    /// Cleans compacted topics a little at a time, off the event loops.
    private func cleaning(of data: DataDirectory, _ threads: NIOThreadPool, on eventLoop: any EventLoop) -> RepeatedTask
    {
        let (limits, logger) = (configuration.limits, logger)
        let maintainsLogs = configuration.maintainsLogs
        let pause = TimeAmount.nanoseconds(1_000_000_000 / Int64(limits.cleaningRunsPerSecond))
        return eventLoop.scheduleRepeatedAsyncTask(initialDelay: pause, delay: pause) { _ in
            guard maintainsLogs, data.cleaner.isDue(now: data.manager.clock.now()) else {
                return eventLoop.makeSucceededVoidFuture()
            }
            return threads.runIfActive(eventLoop: eventLoop) {
                data.clean(
                    bytesMax: limits.cleaningBytesPerSecondMax / limits.cleaningRunsPerSecond,
                    logger: logger
                )
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

/// A listener that serves.
package struct BoundListener: Sendable, Equatable, CustomStringConvertible {
    package let name: String
    /// With the port that the system chose, where it was to.
    package let address: ListenAddress

    package init(name: String, address: ListenAddress) {
        self.name = name
        self.address = address
    }

    package var description: String { "\(name)://\(address)" }
}

/// Where an ingestor serves, for callers that ask before it is known.
final class BoundListeners: Sendable {
    private enum State {
        case unknown([CheckedContinuation<[BoundListener], any Error>])
        case known(Result<[BoundListener], any Error>)
    }

    private let state = Mutex(State.unknown([]))

    /// Waits until it is known, or known that there will be none.
    var value: [BoundListener] {
        get async throws {
            try await withCheckedThrowingContinuation { continuation in
                let known = state.withLock { state -> Result<[BoundListener], any Error>? in
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
    func settle(_ result: Result<[BoundListener], any Error>) {
        let waiting = state.withLock { state -> [CheckedContinuation<[BoundListener], any Error>] in
            guard case .unknown(let waiting) = state else { return [] }
            state = .known(result)
            return waiting
        }
        for continuation in waiting { continuation.resume(with: result) }
    }
}
