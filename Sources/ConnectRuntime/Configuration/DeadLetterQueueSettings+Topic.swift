package import KafkaClient

extension DeadLetterQueueSettings {
    /// Makes the topic by `create`, with room for the greatest record that can be set aside. A cluster that refuses this
    /// room, since its topics may not have so much, is asked for a topic as it makes them by default.
    ///
    /// - Returns: why there is not the room that was asked for; `nil` where there is, or the topic was there before.
    /// - Throws: why there is no topic.
    package func makeTopic(
        _ create: (NewTopic) async throws(KafkaClientError) -> Void
    ) async throws(KafkaClientError) -> KafkaClientError? {
        var topic = NewTopic(
            name: self.topic,
            partitions: 1,
            replicationFactor: Int32(replicationFactor),
            configs: ["max.message.bytes": "\(DeadLetterQueue.recordBytesMax)"]
        )
        let refusal: KafkaClientError
        do throws(KafkaClientError) {
            try await create(topic)
            return nil
        } catch {
            if error.code == .alreadyExists { return nil }
            // Where time helps, nothing is wrong with what was asked for.
            if error.isRetriable { throw error }
            refusal = error
        }
        topic.configs = [:]
        do throws(KafkaClientError) {
            try await create(topic)
            return refusal
        } catch {
            guard error.code == .alreadyExists else { throw error }
            return nil
        }
    }
}
