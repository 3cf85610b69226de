import Foundation
import Ingestor
import KafkaTopics

extension OffsetStore {
    /// Commits at the present time, so that no maintenance takes the group for one that was given up long ago.
    func commit(group: String, _ offsets: [TopicPartition: CommittedOffset]) throws(IngestorError) {
        try commit(group: group, offsets, at: Int64(Date().timeIntervalSince1970 * 1000))
    }
}
