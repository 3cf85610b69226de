package import ConnectRuntime
import Synchronization

/// How the stages of a pipeline are, or were when it stopped.
package struct PipelineSummary: Hashable, Sendable, Codable {
    package struct Stage: Hashable, Sendable, Codable {
        package enum State: String, Hashable, Sendable, Codable {
            case running = "RUNNING"
            /// It failed and is started again after a pause.
            case retrying = "RETRYING"
            /// It ended in order.
            case ended = "ENDED"
        }

        package var name: String
        package var state: State
        /// How many times it has failed.
        package var failures = 0
        /// Why it failed last, for a person.
        package var lastFailure: String?
    }

    /// In the order of the data.
    package var stages: [Stage] = []
    /// The sink's task, in the state in which it was last seen; `nil` where none ever began.
    package var sink: SinkTaskStatus?
}

/// Where stages say how they are, and others read it.
final class StageBoard: Sendable {
    private let stages = Mutex<[PipelineSummary.Stage]>([])

    var all: [PipelineSummary.Stage] { stages.withLock { $0 } }

    func began(_ name: String) {
        change(name) { $0.state = .running }
    }

    func failed(_ name: String, _ reason: String) {
        change(name) { stage in
            stage.state = .retrying
            stage.failures += 1
            stage.lastFailure = reason
        }
    }

    func ended(_ name: String) {
        change(name) { $0.state = .ended }
    }

    private func change(_ name: String, _ change: (inout PipelineSummary.Stage) -> Void) {
        stages.withLock { stages in
            if let index = stages.firstIndex(where: { $0.name == name }) {
                change(&stages[index])
            } else {
                stages.append(PipelineSummary.Stage(name: name, state: .running))
                change(&stages[stages.count - 1])
            }
        }
    }
}
