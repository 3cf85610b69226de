import Foundation
import Ingestor
import Storage
import Synchronization

/// How the pipeline of one machine is set up; the defaults of all settings are here.
///
/// Defaults < `hera.yaml` < environment `HERA_…` < flags. `Setting.all` names the keys.
package struct PipelineConfiguration: Sendable, Equatable {
    /// The directory that keeps everything: the ingestor's log, the storage, ground truth, reports.
    package var data = "hera-data"
    /// Who may read what is kept there: a value of `FilePrivacy`.
    package var permissions = FilePrivacy.private.rawValue
    package var client = ClientSettings()
    package var ingestor = IngestorSettings()
    package var metrics = MetricsSettings()
    package var storage = StorageSettings()
    package var source = SourceSettings()
    package var sink = SinkSettings()
    package var analyzer = AnalyzerSettings()

    package init() {}

    /// The embedded ingestor.
    package struct IngestorSettings: Sendable, Equatable {
        /// `HOST:PORT` to listen on, or several as `NAME://HOST:PORT,…`; port 0 takes a free one.
        package var listen = "127.0.0.1:9092"
        /// `HOST:PORT` that clients are told to connect to, or `NAME://HOST:PORT,…` by listener; where there is none, each
        /// client is told the address that it came by.
        package var advertise: String?
        /// When appended records are forced to the disk: `os`, `interval` or `always`.
        package var flush = "os"
        /// Milliseconds between two flushes where `flush` is `interval`.
        package var flushIntervalMilliseconds = 1000
        package static let flushIntervalMillisecondsRange = 1...3_600_000
        /// Whether a topic that does not exist is created on first use.
        package var autoCreateTopics = true
        /// Partitions of the three topics of the community and of topics created on first use.
        package var partitions = 2
        package static let partitionsRange = 1...1000
        /// Milliseconds for which the topics keep their records.
        package var retentionMilliseconds = 172_800_000
        /// Milliseconds for which retention keeps what the sink of `hera up` has not filed, beyond that.
        package var retentionHoldMilliseconds = 604_800_000
        /// Minutes for which the committed offsets of a group without members are kept.
        package var offsetsRetentionMinutes = IngestorLimits().offsetsRetentionMinutes
        /// Which protocol a consumer group with members can change to: a value of `GroupMigrationPolicy`.
        package var groupMigrationPolicy = GroupMigrationPolicy.bidirectional.rawValue
        /// Milliseconds for which a new consumer group waits for further members.
        package var groupInitialRebalanceMilliseconds = 100
        package static let groupInitialRebalanceMillisecondsRange = 0...300_000
        /// The greatest request, and the memory for all requests that are being read or answered.
        package var requestBytesMax = IngestorLimits().requestBytesMax
        package var requestMemoryBytesMax = IngestorLimits().requestMemoryBytesMax
        /// Milliseconds after which a request is logged as slow; 0 logs none.
        package var slowRequestMilliseconds = 1000

        /// Listen on a free port of the loopback alone, whatever was configured.
        package mutating func listenPrivately() {
            listen = "127.0.0.1:0"
            advertise = nil
        }
    }

    /// What `hera up` and `hera ingestor` tell the programs that watch them.
    package struct MetricsSettings: Sendable, Equatable {
        /// `HOST:PORT`, or a `PORT` of the loopback, of `/metrics` and `/health`; `nil` serves neither.
        package var listen: String?

        static func address(_ text: String) -> ListenAddress? {
            UInt16(text).map { ListenAddress(host: "127.0.0.1", port: Int($0)) } ?? ListenAddress(text)
        }
    }

    /// Where files lie, and how an HDFS is reached.
    package struct StorageSettings: Sendable, Equatable {
        /// A directory or a URL; `<data>/storage` if `nil`.
        package var url: String?
        package var user: String?
        /// Secrets.
        package var password: String?
        package var token: String?
        package var httpAddress: String?
        package var httpPath = HDFSOptions.defaultHTTPPath
        package var hadoopConfDir: String?
        package var caFile: String?
        /// 0: as the server has it.
        package var replication = 0
        package var blockSizeBytes = 0
        /// Milliseconds for which a call of an HDFS is tried again.
        package var retryMilliseconds = 20_000
    }

    /// The source of the community's events that `hera up` runs.
    package struct SourceSettings: Sendable, Equatable {
        /// Events a second, the initial ones included.
        package var rate = 50
        package static let rateRange = 1...10_000_000
        /// Users at the start; five behaviours for each follow.
        package var initialSize = 1000
        /// The same seed gives the same events.
        package var seed = 42
    }

    /// The connector that files events in the raw zone.
    package struct SinkSettings: Sendable, Equatable {
        /// The connector's name: its consumer group and its commit records have it.
        package var name = "hdfs3-sink"
        package var topicsDirectory = "HeraSDG/raw_data"
        package var logsDirectory = "HeraSDG/_logs"
        /// Joda-Time letters of the directories under a topic.
        package var pathFormat = "YYYY/MM/dd/HH"
        package var locale = "fr-FR"
        package var timeZone = "Europe/Paris"
        /// Records of a partition after which they are filed.
        package var flushSize = 500_000
        /// Bytes of a partition after which they are filed.
        package var rotateSizeBytes = 134_217_728
        /// Milliseconds after which a record is in a file at the latest.
        package var visibleWithinMilliseconds = 30_000

        /// The topic of records that cannot be filed.
        package var deadLetterTopic: String { "dlq_\(name)" }
    }

    /// The analysis and its report.
    package struct AnalyzerSettings: Sendable, Equatable {
        /// The same seed gives the same segments.
        package var seed = 42
        /// Segmentations are tried from 2 segments to this many.
        package var segmentsMax = 10
    }
}

/// Who may read the files that the program makes: the umask of the process, which every file and directory goes by.
package enum FilePrivacy: String, CaseIterable, Sendable {
    /// Files are 0600, directories 0700: the events are about persons.
    case `private`
    /// Files are 0640, directories 0750.
    case group
    /// As the umask says with which the program was started.
    case system

    private static let started = Mutex<mode_t?>(nil)

    /// Makes all files private from now on, until ``apply()`` says otherwise. Called once, before any file is made.
    package static func begin() {
        started.withLock { $0 = umask(0o077) }
    }

    package func apply() {
        let before = Self.started.withLock { $0 } ?? 0o022
        switch self {
        case .private: _ = umask(before | 0o077)
        case .group: _ = umask(before | 0o027)
        case .system: _ = umask(before)
        }
    }
}
