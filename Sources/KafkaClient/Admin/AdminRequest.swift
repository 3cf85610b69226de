import CRdKafka
import KafkaTopics

/// One question to the cluster; blocks for the answer, `Limits.requestTimeoutMilliseconds` at most (and a little more
/// for the way).
struct AdminRequest {
    let handle: ClientHandle

    init(_ handle: ClientHandle) {
        self.handle = handle
    }

    // MARK: Topics

    func createTopics(_ topics: [NewTopic]) throws(KafkaClientError) -> [String: KafkaClientError] {
        var failures: [String: KafkaClientError] = [:]
        var objects: [OpaquePointer?] = []
        defer { rd_kafka_NewTopic_destroy_array(&objects, objects.count) }
        for topic in topics {
            do {
                objects.append(try object(of: topic))
            } catch {
                failures[topic.name] = error
            }
        }
        guard !objects.isEmpty else { return failures }
        let refused = try ask(RD_KAFKA_ADMIN_OP_CREATETOPICS, "create topics") { options, queue in
            rd_kafka_CreateTopics(handle.client, &objects, objects.count, options, queue)
        } read: { event throws(KafkaClientError) in
            var count = 0
            let results = rd_kafka_CreateTopics_result_topics(event, &count)
            return self.failures(results, count, "create")
        }
        return failures.merging(refused) { first, _ in first }
    }

    private func object(of topic: NewTopic) throws(KafkaClientError) -> OpaquePointer {
        let doing = "create the topic '\(topic.name)'"
        var text = [CChar](repeating: 0, count: Limits.errorTextBytes)
        let factor = topic.replicationFactor ?? -1
        guard let object = rd_kafka_NewTopic_new(topic.name, topic.partitions, factor, &text, text.count) else {
            throw KafkaClientError(
                .badRequest,
                "cannot \(doing): \(String(rdkafkaText: text)); ask for 1 partition or more"
            )
        }
        for (name, value) in topic.configs.sorted(by: <) {
            let number = rd_kafka_NewTopic_set_config(object, name, value)
            if let error = handle.error(number, "\(doing) with \(name)") {
                rd_kafka_NewTopic_destroy(object)
                throw error
            }
        }
        return object
    }

    func deleteTopics(_ names: [String]) throws(KafkaClientError) -> [String: KafkaClientError] {
        var objects: [OpaquePointer?] = names.map { rd_kafka_DeleteTopic_new($0) }
        defer { rd_kafka_DeleteTopic_destroy_array(&objects, objects.count) }
        return try ask(RD_KAFKA_ADMIN_OP_DELETETOPICS, "delete topics") { options, queue in
            rd_kafka_DeleteTopics(handle.client, &objects, objects.count, options, queue)
        } read: { event throws(KafkaClientError) in
            var count = 0
            let results = rd_kafka_DeleteTopics_result_topics(event, &count)
            return self.failures(results, count, "delete")
        }
    }

    private func failures(
        _ results: UnsafeMutablePointer<OpaquePointer?>?,
        _ count: Int,
        _ verb: String
    ) -> [String: KafkaClientError] {
        var failures: [String: KafkaClientError] = [:]
        for index in 0..<count {
            guard let result = results?[index] else { continue }
            let number = rd_kafka_topic_result_error(result)
            guard number != RD_KAFKA_RESP_ERR_NO_ERROR else { continue }
            let name = String(cString: rd_kafka_topic_result_name(result))
            failures[name] = KafkaClientError(
                number,
                doing: "\(verb) the topic '\(name)'",
                with: handle,
                detail: rd_kafka_topic_result_error_string(result).map { String(cString: $0) }
            )
        }
        return failures
    }

    func topics() throws(KafkaClientError) -> [TopicDescription] {
        var metadata: UnsafePointer<rd_kafka_metadata>?
        let number = rd_kafka_metadata(handle.client, 1, nil, &metadata, Limits.requestTimeoutMilliseconds)
        guard let metadata, number == RD_KAFKA_RESP_ERR_NO_ERROR else {
            throw KafkaClientError(number, doing: "list the topics", with: handle)
        }
        defer { rd_kafka_metadata_destroy(metadata) }
        let topics = UnsafeBufferPointer(start: metadata.pointee.topics, count: Int(metadata.pointee.topic_cnt))
        return topics.filter { $0.err == RD_KAFKA_RESP_ERR_NO_ERROR }
            .map(TopicDescription.init)
            .sorted { $0.name < $1.name }
    }

    func configs(
        ofTopics names: Set<String>
    ) throws(KafkaClientError) -> [String: Result<[TopicConfig], KafkaClientError>] {
        var answers: [String: Result<[TopicConfig], KafkaClientError>] = [:]
        var objects: [OpaquePointer?] = []
        defer { rd_kafka_ConfigResource_destroy_array(&objects, objects.count) }
        for name in names {
            if let object = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, name) {
                objects.append(object)
            } else {
                let words = "cannot \(Self.readingSettings(of: name)): no topic can have this name"
                answers[name] = .failure(KafkaClientError(.badRequest, words))
            }
        }
        guard !objects.isEmpty else { return answers }
        let doing = "read the settings of topics"
        let told = try ask(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, doing) { options, queue in
            rd_kafka_DescribeConfigs(handle.client, &objects, objects.count, options, queue)
        } read: { event throws(KafkaClientError) in
            var count = 0
            let results = rd_kafka_DescribeConfigs_result_resources(event, &count)
            var told: [String: Result<[TopicConfig], KafkaClientError>] = [:]
            for index in 0..<count {
                guard let result = results?[index], let name = rd_kafka_ConfigResource_name(result) else { continue }
                told[String(cString: name)] = self.settings(in: result, of: String(cString: name))
            }
            return told
        }
        return answers.merging(told) { first, _ in first }
    }

    /// What the broker answered about one topic.
    private func settings(in result: OpaquePointer, of name: String) -> Result<[TopicConfig], KafkaClientError> {
        let number = rd_kafka_ConfigResource_error(result)
        guard number == RD_KAFKA_RESP_ERR_NO_ERROR else {
            return .failure(
                KafkaClientError(
                    number,
                    doing: Self.readingSettings(of: name),
                    with: handle,
                    detail: rd_kafka_ConfigResource_error_string(result).map { String(cString: $0) }
                )
            )
        }
        var entries = 0
        let list = rd_kafka_ConfigResource_configs(result, &entries)
        return .success((0..<entries).compactMap { list?[$0].map(TopicConfig.init) }.sorted { $0.name < $1.name })
    }

    private static func readingSettings(of name: String) -> String { "read the settings of the topic '\(name)'" }

    // MARK: Offsets

    func committedOffsets(
        ofGroup group: String,
        _ partitions: some Sequence<TopicPartition>
    ) throws(KafkaClientError) -> [TopicPartition: Int64] {
        let list = TopicPartitionList(partitions)
        return try committedOffsets(ofGroup: group, rd_kafka_ListConsumerGroupOffsets_new(group, list.list))
    }

    /// Of all partitions.
    func committedOffsets(ofGroup group: String) throws(KafkaClientError) -> [TopicPartition: Int64] {
        try committedOffsets(ofGroup: group, rd_kafka_ListConsumerGroupOffsets_new(group, nil))
    }

    /// - Parameter question: librdkafka's, which is destroyed here.
    private func committedOffsets(
        ofGroup group: String,
        _ question: OpaquePointer?
    ) throws(KafkaClientError) -> [TopicPartition: Int64] {
        let doing = "read the offsets of the group '\(group)'"
        var objects: [OpaquePointer?] = [question]
        defer { rd_kafka_ListConsumerGroupOffsets_destroy_array(&objects, 1) }
        return try ask(RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, doing) { options, queue in
            rd_kafka_ListConsumerGroupOffsets(handle.client, &objects, 1, options, queue)
        } read: { event throws(KafkaClientError) in
            var count = 0
            guard let results = rd_kafka_ListConsumerGroupOffsets_result_groups(event, &count), count == 1,
                let result = results[0]
            else { return [:] }
            try self.check(rd_kafka_group_result_error(result), doing)
            var offsets: [TopicPartition: Int64] = [:]
            for entry in TopicPartitionList.entries(of: rd_kafka_group_result_partitions(result)) {
                try self.handle.check(entry.error, doing, entry.partition)
                if entry.offset >= 0 { offsets[entry.partition] = entry.offset }
            }
            return offsets
        }
    }

    // MARK: The way there and back

    /// Sends a request and reads the answer's event.
    ///
    /// - Parameter onlyChecks: Whether the cluster shall only say whether it could be done.
    func ask<Answer>(
        _ kind: rd_kafka_admin_op_t,
        _ doing: String,
        onlyChecks: Bool = false,
        send: (_ options: OpaquePointer, _ queue: OpaquePointer) -> Void,
        read: (_ event: OpaquePointer) throws(KafkaClientError) -> Answer
    ) throws(KafkaClientError) -> Answer {
        guard let queue = rd_kafka_queue_new(handle.client),
            let options = rd_kafka_AdminOptions_new(handle.client, kind)
        else { throw KafkaClientError(.refused, "cannot \(doing): librdkafka has no memory left") }
        defer {
            rd_kafka_AdminOptions_destroy(options)
            rd_kafka_queue_destroy(queue)
        }
        var text = [CChar](repeating: 0, count: Limits.errorTextBytes)
        let limit = Limits.requestTimeoutMilliseconds
        let number = rd_kafka_AdminOptions_set_request_timeout(options, limit, &text, text.count)
        try handle.check(number, doing)
        if onlyChecks {
            try handle.check(rd_kafka_AdminOptions_set_validate_only(options, 1, &text, text.count), doing)
        }
        send(options, queue)
        guard let event = rd_kafka_queue_poll(queue, limit + Limits.answerGraceMilliseconds) else {
            throw KafkaClientError(RD_KAFKA_RESP_ERR__TIMED_OUT, doing: doing, with: handle)
        }
        defer { rd_kafka_event_destroy(event) }
        let failure = rd_kafka_event_error(event)
        guard failure == RD_KAFKA_RESP_ERR_NO_ERROR else {
            let detail = rd_kafka_event_error_string(event).map { String(cString: $0) }
            throw KafkaClientError(failure, doing: doing, with: handle, detail: detail)
        }
        return try read(event)
    }
}
