import CommitLog
import KafkaProtocol
package import KafkaTopics

/// What is measured of an ingestor when somebody asks, beside what it counts.
package struct IngestorReadings: Sendable {
    package struct Partition: Sendable {
        package let partition: TopicPartition
        package let logStartOffset: Int64
        package let endOffset: Int64
        package let byteCount: Int
        package let segmentCount: Int
    }

    /// How far a group is behind in a partition.
    package struct Lag: Sendable, Equatable {
        package let group: String
        package let partition: TopicPartition
        /// Records that it has not committed.
        package let records: Int64
        /// How old the first of them is; `nil` where that is not known.
        package internal(set) var milliseconds: Int64?
    }

    package internal(set) var topicCount = 0
    package internal(set) var partitions: [Partition] = []
    /// Groups that have members or committed offsets.
    package internal(set) var groupCount = 0
    package internal(set) var offsetCount = 0
    /// By group, topic and partition.
    package internal(set) var lags: [Lag] = []
}

extension Broker {
    /// Measures; reads as many batches from the disk as ``IngestorLimits/lagTimesMax`` says.
    ///
    /// - Parameter now: Milliseconds since 1970, as the timestamps of records are.
    func readings(now: Int64) -> IngestorReadings {
        var readings = IngestorReadings()
        for topic in topics.all {
            readings.topicCount += 1
            for partition in topic.partitions {
                guard let log = topics.log(partition.topic, partition.partition) else { continue }
                readings.partitions.append(
                    .init(
                        partition: partition,
                        logStartOffset: log.logStartOffset,
                        endOffset: log.endOffset,
                        byteCount: log.byteCount,
                        segmentCount: log.segmentCount
                    )
                )
            }
        }
        let committed = offsets.groupNames
        let known = groups.summaries.filter { $0.value.state != .dead }
        readings.groupCount = committed.union(known.keys).count
        var timesLeft = configuration.limits.lagTimesMax
        for group in committed.sorted() {
            let all = offsets.offsets(of: group)
            readings.offsetCount += all.count
            for (partition, offset) in all.sorted(by: { $0.key < $1.key }) {
                guard readings.lags.count < configuration.limits.lagsMax else { break }
                guard let log = topics.log(partition.topic, partition.partition) else { continue }
                let records = max(0, log.endOffset - offset.offset)
                var lag = IngestorReadings.Lag(group: group, partition: partition, records: records)
                if records == 0 {
                    lag.milliseconds = 0
                } else if timesLeft > 0 {
                    timesLeft -= 1
                    lag.milliseconds = timestamp(in: log, at: offset.offset).map { max(0, now - $0) }
                }
                readings.lags.append(lag)
            }
        }
        return readings
    }

    /// The time of the batch that has this offset, or of the first one behind it; `nil` where it cannot be read.
    private func timestamp(in log: PartitionLog, at offset: Int64) -> Int64? {
        let place = max(offset, log.logStartOffset)
        guard let slice = try? log.read(from: place, maxBytes: 1),
            let bytes = try? slice.bytes(at: 0, count: RecordBatchHeader.byteCount),
            let header = try? RecordBatchHeader(bytes)
        else { return nil }
        // Where the log dates its records the first time is still their producer's, and where tombstones were cleaned it is
        // the time when these may go.
        let isOfRecords = header.attributes.timestampType == .createTime && header.deleteHorizon == nil
        let time = isOfRecords ? header.baseTimestamp : header.maxTimestamp
        return time >= 0 ? time : nil
    }
}
