import CRdKafka
import KafkaTopics

/// Changes of topics that exist.
extension AdminRequest {
    func addPartitions(to topic: String, count: Int) throws(KafkaClientError) {
        let doing = "give the topic '\(topic)' \(count) partitions"
        var text = [CChar](repeating: 0, count: Limits.errorTextBytes)
        guard let object = rd_kafka_NewPartitions_new(topic, count, &text, text.count) else {
            throw KafkaClientError(.badRequest, "cannot \(doing): \(String(rdkafkaText: text))")
        }
        var objects: [OpaquePointer?] = [object]
        defer { rd_kafka_NewPartitions_destroy_array(&objects, objects.count) }
        try ask(RD_KAFKA_ADMIN_OP_CREATEPARTITIONS, doing) { options, queue in
            rd_kafka_CreatePartitions(handle.client, &objects, objects.count, options, queue)
        } read: { event throws(KafkaClientError) in
            var count = 0
            guard let results = rd_kafka_CreatePartitions_result_topics(event, &count), count == 1,
                let result = results[0]
            else { return }
            let number = rd_kafka_topic_result_error(result)
            guard number != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
            let detail = rd_kafka_topic_result_error_string(result).map { String(cString: $0) }
            throw KafkaClientError(number, doing: doing, with: handle, detail: detail)
        }
    }

    /// Replaces all settings of a topic: those that are not here return to their defaults.
    func replaceConfigs(
        ofTopic topic: String,
        _ configs: [String: String],
        onlyChecks: Bool
    ) throws(KafkaClientError) {
        let doing = "change the settings of the topic '\(topic)'"
        guard let object = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic) else {
            throw KafkaClientError(.badRequest, "cannot \(doing): no topic can have this name")
        }
        defer { rd_kafka_ConfigResource_destroy(object) }
        for (name, value) in configs.sorted(by: <) {
            try handle.check(rd_kafka_ConfigResource_set_config(object, name, value), doing)
        }
        var objects: [OpaquePointer?] = [object]
        try ask(RD_KAFKA_ADMIN_OP_ALTERCONFIGS, doing, onlyChecks: onlyChecks) { options, queue in
            rd_kafka_AlterConfigs(handle.client, &objects, 1, options, queue)
        } read: { event throws(KafkaClientError) in
            var count = 0
            guard let results = rd_kafka_AlterConfigs_result_resources(event, &count), count == 1,
                let result = results[0]
            else { return }
            let number = rd_kafka_ConfigResource_error(result)
            guard number != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
            let detail = rd_kafka_ConfigResource_error_string(result).map { String(cString: $0) }
            throw KafkaClientError(number, doing: doing, with: handle, detail: detail)
        }
    }

    /// - Returns: the offset of the oldest record that each partition has now.
    func deleteRecords(
        before offsets: [TopicPartition: Int64]
    ) throws(KafkaClientError) -> [TopicPartition: Int64] {
        let doing = "delete records"
        let list = TopicPartitionList(offsets)
        var objects: [OpaquePointer?] = [rd_kafka_DeleteRecords_new(list.list)]
        defer { rd_kafka_DeleteRecords_destroy_array(&objects, 1) }
        return try ask(RD_KAFKA_ADMIN_OP_DELETERECORDS, doing) { options, queue in
            rd_kafka_DeleteRecords(handle.client, &objects, 1, options, queue)
        } read: { event throws(KafkaClientError) in
            var starts: [TopicPartition: Int64] = [:]
            for entry in TopicPartitionList.entries(of: rd_kafka_DeleteRecords_result_offsets(event)) {
                try self.handle.check(entry.error, doing, entry.partition)
                starts[entry.partition] = entry.offset
            }
            return starts
        }
    }
}
