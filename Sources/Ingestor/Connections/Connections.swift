import NIOCore
import Synchronization

/// The open connections, to count and to close them.
final class Connections: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var isClosing = false
        var whenEmpty: EventLoopPromise<Void>?
    }

    /// Why a connection is refused.
    enum Refusal {
        case limitReached
        case stopping
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) {
        self.limit = limit
    }

    var count: Int { state.withLock { $0.channels.count } }

    /// Adds a connection of a listener, or returns why it is refused.
    func add(_ channel: any Channel, countedBy metrics: ListenerMetrics) -> Refusal? {
        let refusal = state.withLock { state -> Refusal? in
            if state.isClosing { return .stopping }
            if state.channels.count >= limit { return .limitReached }
            state.channels[ObjectIdentifier(channel)] = channel
            return nil
        }
        switch refusal {
        case nil:
            metrics.connectionOpened()
            channel.closeFuture.whenComplete { _ in
                metrics.connectionClosed()
                self.remove(channel)
            }
        case .limitReached: IngestorMetrics.connectionRefused()
        case .stopping: break
        }
        return refusal
    }

    /// Asks every connection to finish, and closes those that have not after `grace`.
    ///
    /// - Returns: fulfilled when all are closed.
    func close(within grace: TimeAmount, on eventLoop: any EventLoop) -> EventLoopFuture<Void> {
        let promise = eventLoop.makePromise(of: Void.self)
        let channels = state.withLock { state in
            state.isClosing = true
            state.whenEmpty = promise
            return Array(state.channels.values)
        }
        if channels.isEmpty {
            promise.succeed(())
        } else {
            for channel in channels { channel.pipeline.fireUserInboundEventTriggered(Shutdown()) }
        }
        let deadline = eventLoop.scheduleTask(in: grace) {
            for channel in self.state.withLock({ Array($0.channels.values) }) { channel.close(promise: nil) }
        }
        promise.futureResult.whenComplete { _ in deadline.cancel() }
        return promise.futureResult
    }

    private func remove(_ channel: any Channel) {
        let promise = state.withLock { state -> EventLoopPromise<Void>? in
            state.channels[ObjectIdentifier(channel)] = nil
            return state.channels.isEmpty ? state.whenEmpty : nil
        }
        promise?.succeed(())
    }
}

/// Sent to every connection when the ingestor stops: finish what is in progress, then close.
struct Shutdown: Sendable {}
