package import ConnectRuntime

/// How the stages of a pipeline are, or were when it stopped: what `hera status` prints and `/health` answers from.
package struct PipelineStatus: Hashable, Sendable, Codable {
    package struct Stage: Hashable, Sendable, Codable {
        package enum State: String, Hashable, Sendable, Codable {
            case running = "RUNNING"
            /// It works on, but not as it should; `reason` says why.
            case degraded = "DEGRADED"
            /// Records wait, and none has been processed for a while.
            case stalled = "STALLED"
            /// It failed and is started again after a pause.
            case retrying = "RETRYING"
            /// It does nothing until an operator repairs something; `reason` says what.
            case failed = "FAILED"
            /// It ended in order.
            case ended = "ENDED"

            /// Whether an operator has to know.
            package var isFailure: Bool { self == .failed || self == .retrying }
        }

        package var name: String
        package var state: State
        /// Why it is not well; `nil` while it is.
        package var reason: String?
        /// Records processed since the stage last began; `nil` for a stage that does not count them.
        package var records: Int64?
        /// Records that wait for this stage; `nil` while that is not known.
        package var lag: Int64?
        /// How many times it has failed since the pipeline began.
        package var failures = 0
        package var lastFailure: String?
    }

    /// Whether the pipeline stopped in order: then this is the last that it wrote.
    package var isStopped = false
    /// When the pipeline began, and when this was true, in milliseconds since 1970.
    package var startedAtMilliseconds: Int64
    package var updatedAtMilliseconds: Int64
    /// `HOST:PORT` of the ingestor.
    package var kafka: String?
    /// `HOST:PORT` of `/metrics` and `/health`; `nil` where they are not served.
    package var metrics: String?
    /// Where the files lie; `nil` if that is the pipeline's own directory.
    package var storage: String?
    /// In the order in which they began.
    package var stages: [Stage] = []
    /// The sink's task with its partitions, as it was last seen; `nil` where none ever began.
    package var sink: SinkTaskStatus?

    /// Whether a stage, or a partition of the sink, has failed.
    package var hasFailure: Bool {
        stages.contains { $0.state.isFailure } || sink?.partitions.contains { $0.state == .failed } ?? false
    }
}
