import CRdKafka
import KafkaTopics

/// Questions about consumer groups, and what is changed in them.
extension AdminRequest {
    func groups() throws(KafkaClientError) -> [ConsumerGroupSummary] {
        let doing = "list the groups"
        return try ask(RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS, doing) { options, queue in
            rd_kafka_ListConsumerGroups(handle.client, options, queue)
        } read: { event throws(KafkaClientError) in
            // Each broker tells of the groups that it coordinates: without one of them the list would not be whole.
            var count = 0
            if let errors = rd_kafka_ListConsumerGroups_result_errors(event, &count), count > 0 {
                try self.check(errors[0], doing)
            }
            guard let listings = rd_kafka_ListConsumerGroups_result_valid(event, &count) else { return [] }
            return (0..<count).compactMap { listings[$0].map(ConsumerGroupSummary.init) }.sorted { $0.name < $1.name }
        }
    }

    func describeGroup(_ name: String) throws(KafkaClientError) -> ConsumerGroupDescription {
        let doing = "describe the group '\(name)'"
        return try ask(RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS, doing) { options, queue in
            name.withCString { text in
                var names: [UnsafePointer<CChar>?] = [text]
                rd_kafka_DescribeConsumerGroups(handle.client, &names, 1, options, queue)
            }
        } read: { event throws(KafkaClientError) in
            var count = 0
            let groups = rd_kafka_DescribeConsumerGroups_result_groups(event, &count)
            let group = try self.only(groups, count, doing)
            let error = rd_kafka_ConsumerGroupDescription_error(group)
            // What newer brokers say of a group that is not there; older ones describe a dead one.
            if let error, rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND {
                return ConsumerGroupDescription(name: name, state: "Dead", assignor: "", coordinator: nil, members: [])
            }
            try self.check(error, doing)
            return ConsumerGroupDescription(group)
        }
    }

    func deleteGroups(_ names: [String]) throws(KafkaClientError) -> [String: KafkaClientError] {
        var objects: [OpaquePointer?] = names.map { rd_kafka_DeleteGroup_new($0) }
        defer { rd_kafka_DeleteGroup_destroy_array(&objects, objects.count) }
        return try ask(RD_KAFKA_ADMIN_OP_DELETEGROUPS, "delete groups") { options, queue in
            rd_kafka_DeleteGroups(handle.client, &objects, objects.count, options, queue)
        } read: { event throws(KafkaClientError) in
            var count = 0
            let results = rd_kafka_DeleteGroups_result_groups(event, &count)
            var failures: [String: KafkaClientError] = [:]
            for index in 0..<count {
                guard let result = results?[index] else { continue }
                let name = String(cString: rd_kafka_group_result_name(result))
                do throws(KafkaClientError) {
                    try self.check(rd_kafka_group_result_error(result), "delete the group '\(name)'")
                } catch {
                    failures[name] = error
                }
            }
            return failures
        }
    }

    func alterOffsets(ofGroup group: String, _ offsets: [TopicPartition: Int64]) throws(KafkaClientError) {
        let doing = "set the offsets of the group '\(group)'"
        let list = TopicPartitionList(offsets)
        var objects: [OpaquePointer?] = [rd_kafka_AlterConsumerGroupOffsets_new(group, list.list)]
        defer { rd_kafka_AlterConsumerGroupOffsets_destroy_array(&objects, 1) }
        try ask(RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS, doing) { options, queue in
            rd_kafka_AlterConsumerGroupOffsets(handle.client, &objects, 1, options, queue)
        } read: { event throws(KafkaClientError) in
            var count = 0
            let results = rd_kafka_AlterConsumerGroupOffsets_result_groups(event, &count)
            let result = try self.only(results, count, doing)
            try self.checkPartitions(of: result, doing)
        }
    }

    func deleteOffsets(ofGroup group: String, _ partitions: some Sequence<TopicPartition>) throws(KafkaClientError) {
        let doing = "delete offsets of the group '\(group)'"
        let list = TopicPartitionList(partitions)
        var objects: [OpaquePointer?] = [rd_kafka_DeleteConsumerGroupOffsets_new(group, list.list)]
        defer { rd_kafka_DeleteConsumerGroupOffsets_destroy_array(&objects, 1) }
        try ask(RD_KAFKA_ADMIN_OP_DELETECONSUMERGROUPOFFSETS, doing) { options, queue in
            rd_kafka_DeleteConsumerGroupOffsets(handle.client, &objects, 1, options, queue)
        } read: { event throws(KafkaClientError) in
            var count = 0
            let results = rd_kafka_DeleteConsumerGroupOffsets_result_groups(event, &count)
            let result = try self.only(results, count, doing)
            try self.checkPartitions(of: result, doing)
        }
    }

    /// Throws the first error of a group's result.
    private func checkPartitions(of result: OpaquePointer, _ doing: String) throws(KafkaClientError) {
        try check(rd_kafka_group_result_error(result), doing)
        for entry in TopicPartitionList.entries(of: rd_kafka_group_result_partitions(result)) {
            try handle.check(entry.error, doing, entry.partition)
        }
    }

    /// Throws an error object that stays its owner's.
    func check(_ error: OpaquePointer?, _ doing: String) throws(KafkaClientError) {
        guard let error, rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
        throw KafkaClientError(
            rd_kafka_error_code(error),
            doing: doing,
            with: handle,
            detail: String(cString: rd_kafka_error_string(error))
        )
    }
}

extension ConsumerGroupSummary {
    /// A line of librdkafka's list, copied.
    fileprivate init(_ listing: OpaquePointer) {
        name = String(cString: rd_kafka_ConsumerGroupListing_group_id(listing))
        state = String(
            cString: rd_kafka_consumer_group_state_name(rd_kafka_ConsumerGroupListing_state(listing))
        )
        isSimple = rd_kafka_ConsumerGroupListing_is_simple_consumer_group(listing) != 0
    }
}

extension ConsumerGroupDescription {
    /// librdkafka's description, copied.
    fileprivate init(_ group: OpaquePointer) {
        name = String(cString: rd_kafka_ConsumerGroupDescription_group_id(group))
        state = String(
            cString: rd_kafka_consumer_group_state_name(rd_kafka_ConsumerGroupDescription_state(group))
        )
        assignor = rd_kafka_ConsumerGroupDescription_partition_assignor(group).map { String(cString: $0) } ?? ""
        coordinator = rd_kafka_ConsumerGroupDescription_coordinator(group).map {
            "\(String(cString: rd_kafka_Node_host($0))):\(rd_kafka_Node_port($0))"
        }
        members = (0..<rd_kafka_ConsumerGroupDescription_member_count(group)).compactMap {
            rd_kafka_ConsumerGroupDescription_member(group, $0).map(Member.init)
        }
    }
}

extension ConsumerGroupDescription.Member {
    fileprivate init(_ member: OpaquePointer) {
        id = String(cString: rd_kafka_MemberDescription_consumer_id(member))
        instanceID = rd_kafka_MemberDescription_group_instance_id(member).map { String(cString: $0) }
        client = String(cString: rd_kafka_MemberDescription_client_id(member))
        host = String(cString: rd_kafka_MemberDescription_host(member))
        let assignment = rd_kafka_MemberDescription_assignment(member)
        partitions = TopicPartitionList.partitions(of: rd_kafka_MemberAssignment_partitions(assignment)).sorted().map {
            .init(topic: $0.topic, partition: $0.partition)
        }
    }
}
