import KafkaTopics
import Logging
import Synchronization

/// Logs the failures of maintenance, which comes round every second: when one begins, when its reason changes and when it
/// ends.
final class MaintenanceWatch: Sendable {
    /// A part of maintenance that fails and recovers by itself.
    enum Work: Hashable {
        case log(TopicPartition)
        case cleaning(TopicPartition)
        case logClock
        case expiry

        fileprivate var metadata: Logger.Metadata {
            guard let partition else { return [:] }
            return [LogKey.topic: "\(partition.topic)", LogKey.partition: "\(partition.partition)"]
        }

        fileprivate var partition: TopicPartition? {
            switch self {
            case .log(let partition), .cleaning(let partition): partition
            case .logClock, .expiry: nil
            }
        }

        fileprivate var failure: Logger.Message {
            switch self {
            case .log: "maintenance of the log failed; it is tried again"
            case .cleaning: "the topic is not compacted; it is tried again"
            case .logClock: "the log's clock is not saved"
            case .expiry: "offsets of unused groups not forgotten"
            }
        }

        fileprivate var recovery: Logger.Message {
            switch self {
            case .log: "maintenance of the log works again"
            case .cleaning: "the topic is compacted again"
            case .logClock: "the log's clock is saved again"
            case .expiry: "offsets of unused groups are forgotten again"
            }
        }
    }

    /// Why what fails now has failed.
    private let reasons = Mutex<[Work: String]>([:])

    /// Does `work` and logs how it went, where that has changed.
    func watch<Failure: Error>(_ work: Work, _ logger: Logger, _ body: () throws(Failure) -> Void) {
        do throws(Failure) {
            try body()
            guard reasons.withLock({ $0.removeValue(forKey: work) }) != nil else { return }
            logger.info(work.recovery, metadata: work.metadata)
        } catch {
            let reason = "\(error)"
            guard reasons.withLock({ $0.updateValue(reason, forKey: work) }) != reason else { return }
            logger.error(work.failure, metadata: work.metadata.merging([LogKey.reason: "\(reason)"]) { $1 })
        }
    }

    /// What fails now, in words that name no path.
    var failures: [String] {
        reasons.withLock { Array($0.keys) }.map { work in
            "\(work.failure)" + (work.partition.map { ": \($0)" } ?? "")
        }.sorted()
    }

    /// Forgets the partitions that are not there any more.
    func keep(_ partitions: some Collection<TopicPartition>) {
        reasons.withLock { reasons in
            guard !reasons.isEmpty else { return }
            let kept = Set(partitions)
            reasons = reasons.filter { work, _ in
                work.partition.map(kept.contains) ?? true
            }
        }
    }
}
