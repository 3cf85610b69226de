import NIOCore
import NIOPosix
import Synchronization

/// How an ingestor is, for those that watch it.
package enum IngestorState: Sendable, Equatable {
    case starting
    case ready
    /// It serves, and something is not well: each reason is a sentence that names no path of this machine.
    case degraded([String])
    case stopping
}

/// Answers for an ingestor while it serves.
final class IngestorWatch: Sendable {
    private enum Phase {
        case starting
        case serving(Serving)
        case stopping
    }

    /// The parts of an ingestor that serves.
    struct Serving: Sendable {
        let broker: Broker
        let maintenance: MaintenanceWatch
        let connections: Connections
        let listeners: [Listener]
        let timeOfDay: @Sendable () -> Int64
    }

    /// The last readings, or those that are being taken.
    private struct Taken {
        let since: NIODeadline
        let readings: EventLoopFuture<IngestorReadings>
    }

    /// Reasons that are told at a time.
    private static let reasonsMax = 10

    private let phase = Mutex(Phase.starting)
    private let taken = Mutex<Taken?>(nil)

    func serve(_ serving: Serving) { phase.withLock { $0 = .serving(serving) } }

    func stop() { phase.withLock { $0 = .stopping } }

    var state: IngestorState {
        switch phase.withLock({ $0 }) {
        case .starting: return .starting
        case .stopping: return .stopping
        case .serving(let serving):
            let reasons = Self.reasons(serving)
            guard !reasons.isEmpty else { return .ready }
            let others = reasons.count - Self.reasonsMax
            return .degraded(reasons.prefix(Self.reasonsMax) + (others > 0 ? ["and \(others) further reasons"] : []))
        }
    }

    private static func reasons(_ serving: Serving) -> [String] {
        let limits = serving.broker.configuration.limits
        var reasons = serving.maintenance.failures
        if serving.broker.storageFails.load(ordering: .relaxed) {
            reasons.append("records cannot be stored: the disk is full or fails")
        }
        if serving.broker.commitsFail.load(ordering: .relaxed) {
            reasons.append("offsets cannot be committed: the disk is full or fails; start again once it has room")
        }
        if serving.connections.count >= limits.connectionsMax {
            reasons.append("no connection is accepted: the limit of \(limits.connectionsMax) is reached")
        }
        if serving.listeners.contains(where: \.isOutOfRoom) {
            reasons.append("no connection is accepted: the limit of open files is reached")
        }
        if serving.broker.memory.isShort { reasons.append("requests wait for memory") }
        return reasons
    }

    /// What is measured now, or was a moment ago, however many ask; `nil` while the ingestor does not serve.
    func readings() async -> IngestorReadings? {
        guard case .serving(let serving) = phase.withLock({ $0 }) else { return nil }
        let now = NIODeadline.now()
        let age = serving.broker.configuration.limits.readingsAge
        let future = taken.withLock { taken in
            if let taken, now - taken.since < age { return taken.readings }
            let readings = serving.broker.threads.runIfActive(eventLoop: MultiThreadedEventLoopGroup.singleton.any()) {
                serving.broker.readings(now: serving.timeOfDay())
            }
            taken = Taken(since: now, readings: readings)
            return readings
        }
        // The threads end with the ingestor.
        return try? await future.get()
    }
}
