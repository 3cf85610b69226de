import ConnectAPI
import KafkaClient
import KafkaTopics
import Logging
import PipelineTesting

/// The fingerprint of the record at `offset`, as the cluster has it.
func fingerprint(
    of partition: TopicPartition,
    at offset: Int64,
    in cluster: MockCluster,
    logger: Logger
) async throws -> RecordFingerprint {
    try await withConsumer(ConsumerConfiguration(bootstrap: cluster.bootstrap), logger: logger) { consumer in
        try await consumer.assign([partition: .offset(offset)])
        while let event = try await consumer.nextEvent() {
            guard case .batch(let batch) = event else { continue }
            return batch.withRecord(at: 0) { record in
                RecordFingerprint(
                    offset: record.offset,
                    timestamp: record.timestamp,
                    key: record.key,
                    value: record.value
                )
            }
        }
        throw CancellationError()
    }
}
