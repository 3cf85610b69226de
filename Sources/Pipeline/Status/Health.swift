import ConnectRuntime
import Foundation
import Ingestor
import Monitoring

/// What `/health` says. Reasons name stages, topics and limits, but no path and no text from outside.
struct Health: Encodable, Equatable {
    enum State: String, Encodable {
        case starting = "STARTING"
        /// All is well.
        case ready = "READY"
        /// It serves, and something is not as it should be.
        case degraded = "DEGRADED"
        /// A stage or a partition has failed.
        case failed = "FAILED"
        case stopping = "STOPPING"
    }

    let state: State
    /// Why it is degraded or has failed.
    let reasons: [String]
    /// By name.
    let stages: [String: PipelineStatus.Stage.State]

    init(_ status: PipelineStatus, _ ingestor: IngestorState, isStopping: Bool) {
        var reasons = status.stages.filter { ![.running, .ended].contains($0.state) }.map { stage in
            "the stage '\(stage.name)' is \(stage.state.rawValue)"
        }
        for partition in status.sink?.partitions ?? [] where partition.state == .failed {
            reasons.append("the sink's partition \(partition.topic)-\(partition.partition) has failed")
        }
        if case .degraded(let more) = ingestor { reasons += more }
        self.reasons = reasons
        stages = Dictionary(status.stages.map { ($0.name, $0.state) }) { $1 }
        state =
            switch ingestor {
            case _ where isStopping || status.isStopped: .stopping
            case .stopping: .stopping
            case .starting: .starting
            case .ready, .degraded: status.hasFailure ? .failed : reasons.isEmpty ? .ready : .degraded
            }
    }

    /// With status 200 while clients are served and nothing needs a person.
    var response: MonitoringServer.Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let body = (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
        let isWell = state == .ready || state == .degraded
        return .init(status: isWell ? 200 : 503, contentType: "application/json", body: body + "\n")
    }
}
