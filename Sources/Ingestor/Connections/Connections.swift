import NIOCore
import Synchronization

/// The connections that are open, to count them and to end them.
final class Connections: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var isClosing = false
        var whenEmpty: EventLoopPromise<Void>?
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) {
        self.limit = limit
    }

    var count: Int { state.withLock { $0.channels.count } }

    /// Takes a connection in; `false` where there are as many as may be, or the ingestor stops.
    func add(_ channel: any Channel) -> Bool {
        let isTaken = state.withLock { state in
            guard !state.isClosing, state.channels.count < limit else { return false }
            state.channels[ObjectIdentifier(channel)] = channel
            return true
        }
        if isTaken { channel.closeFuture.whenComplete { _ in self.remove(channel) } }
        return isTaken
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
