package import Storage
import SystemPackage

/// Where the embedded pipeline keeps what, under its one directory.
///
///     <data>/
///       ingestor/     the log: <topic>-<partition>/…
///       storage/      the storage's root, unless storage.url says another: HeraSDG/raw_data, HeraSDG/_logs
///       truth/        ground truth of the source's runs
///       report/       report.html, report.json, segments.csv, aggregates.csv
///       run/          address and status of the running pipeline
package struct PipelinePaths: Sendable {
    package let data: String

    package init(data: String) {
        self.data = data
    }

    package var ingestor: String { data + "/ingestor" }
    package var storage: String { data + "/storage" }
    /// The same as a location that file systems are made of; `PipelineConfiguration.storageLocation` may say another one.
    package var storageLocation: StorageLocation { .directory(FilePath(storage)) }
    package var truth: String { data + "/truth" }
    package var report: String { data + "/report" }
    package var run: String { data + "/run" }

    /// Every directory that the pipeline makes there.
    package var all: [String] { [ingestor, storage, truth, report, run] }

    /// The file with `HOST:PORT` of the ingestor while the pipeline runs.
    package var kafkaAddress: String { run + "/kafka.address" }

    /// The file that says how the stages are: see `StatusFile`.
    package var status: String { run + "/status.json" }
}
