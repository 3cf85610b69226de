import KafkaTopics

@testable import KafkaClient

extension ConsumedBatch {
    /// Copies of all records.
    func copies() -> [KafkaRecord] {
        var copies: [KafkaRecord] = []
        forEachRecord { record in
            copies.append(
                KafkaRecord(
                    topic: topicPartition.topic,
                    partition: topicPartition.partition,
                    key: record.key.map { Array($0) },
                    value: record.value.map { Array($0) },
                    headers: record.headers(),
                    timestamp: record.timestamp.milliseconds
                )
            )
        }
        return copies
    }

    /// The values that are numbers.
    var numbers: [Int] { copies().compactMap { Int(String(decoding: $0.value ?? [], as: UTF8.self)) } }
}
