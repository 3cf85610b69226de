import Ingestor
import KafkaProtocol
import NIOCore
import PipelineTesting

/// Requests that many tests send.
enum Batches {
    /// A batch of these values.
    static func batch(
        _ values: [String],
        producerID: Int64 = -1,
        epoch: Int16 = -1,
        sequence: Int32 = -1,
        timestamp: Int64 = 1_000
    ) -> ByteBuffer {
        var builder = RecordBatchBuilder()
        builder.producerID = producerID
        builder.producerEpoch = epoch
        builder.baseSequence = sequence
        for (index, value) in values.enumerated() {
            builder.append(key: "key", value: value, timestamp: timestamp + Int64(index))
        }
        return builder.build()
    }

    static func produce(
        _ batch: ByteBuffer,
        to topic: String = "events",
        partition: Int32 = 0,
        acks: Int16 = -1
    ) -> ProduceRequest {
        ProduceRequest(
            transactionalID: nil,
            acks: acks,
            timeoutMilliseconds: 1_000,
            topics: [.init(name: topic, partitions: [.init(partition: partition, records: batch)])]
        )
    }

    static func fetch(
        from offset: Int64,
        of topic: String = "events",
        partition: Int32 = 0,
        minBytes: Int32 = 1,
        wait: Int32 = 0,
        maxBytes: Int32 = .max,
        partitionMaxBytes: Int32 = 1 << 20
    ) -> FetchRequest {
        FetchRequest(
            replicaID: -1,
            maxWaitMilliseconds: wait,
            minByteCount: minBytes,
            maxByteCount: maxBytes,
            topics: [
                .init(
                    name: topic,
                    partitions: [.init(partition: partition, fetchOffset: offset, maxByteCount: partitionMaxBytes)]
                )
            ]
        )
    }
}

extension MetadataResponse {
    /// Those that are not the ingestor's own.
    var clientTopics: [Topic] { topics.filter { !$0.isInternal } }
}

extension ProduceResponse {
    var only: Partition { topics[0].partitions[0] }
}

extension FetchResponse {
    var only: Partition { topics[0].partitions[0] }
}

extension FetchResponse.Partition {
    /// The values of the uncompressed records.
    var values: [String] {
        get throws {
            guard case .bytes(var bytes) = records else { return [] }
            var values: [String] = []
            while bytes.readableBytes > 0 {
                let header = try RecordBatchHeader(bytes)
                try header.verify(bytes.readableBytesSpan)
                guard let batch = bytes.readSlice(length: header.totalByteCount) else { break }
                var iterator = try RecordIterator(batch)
                while let record = try iterator.next() {
                    values.append(record.value.map { String(buffer: $0) } ?? "")
                }
            }
            return values
        }
    }
}

/// A topic for tests that do not care which.
let events = TopicSpecification(name: "events", partitionCount: 1)
