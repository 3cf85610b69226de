import CommitLog
import KafkaProtocol
import Logging
import NIOCore

extension Broker {
    /// Makes topics, or says of each why it cannot be made.
    func createTopics(_ request: CreateTopicsRequest, _ context: RequestContext) -> Reply {
        guard request.topics.count <= configuration.limits.partitionsMax else {
            var refused = CreateTopicsResponse()
            refused.topics = request.topics.map { .init(name: $0.name, errorCode: .invalidRequest) }
            return .now(Answer(refused))
        }
        let principal = context.origin.principal
        return changingTopics(context.eventLoop) {
            let named = Dictionary(grouping: request.topics, by: \.name)
            let specifications = request.topics.map { topic in
                Result { () throws(TopicRefusal) in
                    guard named[topic.name]?.count == 1 else {
                        throw TopicRefusal(.invalidRequest, "the topic is in the request more than once")
                    }
                    return try self.specification(of: topic)
                }
            }
            let made = self.topics.create(
                specifications.compactMap { try? $0.get() },
                onlyChecks: request.validatesOnly
            )
            var response = CreateTopicsResponse()
            response.topics = zip(request.topics, specifications).map { topic, specification in
                do throws(TopicRefusal) {
                    let specification = try specification.get()
                    guard let created = try made[topic.name]?.get() else { throw .unknown }
                    if !request.validatesOnly { self.log(created, by: principal) }
                    return try self.answer(created, specification, onlyChecks: request.validatesOnly)
                } catch {
                    return .init(name: topic.name, errorCode: error.code, errorMessage: error.description)
                }
            }
            return .answer(Answer(response))
        }
    }

    private func specification(of topic: CreateTopicsRequest.Topic) throws(TopicRefusal) -> TopicSpecification {
        var specification = TopicSpecification(name: topic.name)
        specification.partitionCount = try partitionCount(of: topic)
        for entry in topic.configuration {
            guard let value = entry.value else { continue }
            specification.settings[entry.name] = value
        }
        return specification
    }

    private func log(_ topic: TopicMetadata, by principal: Principal) {
        noticeReplicas(topic.overrides, of: topic.name)
        logger.info(
            "topic created",
            metadata: [
                LogKey.topic: "\(topic.name)", LogKey.partitions: "\(topic.partitionCount)",
                LogKey.principal: "\(principal)",
            ]
        )
    }

    private func answer(
        _ topic: TopicMetadata,
        _ specification: TopicSpecification,
        onlyChecks: Bool
    ) throws(TopicRefusal) -> CreateTopicsResponse.Topic {
        CreateTopicsResponse.Topic(
            name: topic.name,
            id: onlyChecks ? .zero : topic.id,
            partitionCount: topic.partitionCount,
            replicationFactor: 1,
            configuration: try topics.settings(of: specification).map {
                .init(name: $0.name, value: $0.value, source: $0.source.rawValue)
            }
        )
    }

    /// The number of partitions asked for, directly or by an assignment of them to nodes; `nil` for the default.
    private func partitionCount(of topic: CreateTopicsRequest.Topic) throws(TopicRefusal) -> Int32? {
        guard topic.assignments.isEmpty else {
            guard topic.partitionCount == -1, topic.replicationFactor == -1 else {
                throw TopicRefusal(
                    .invalidRequest,
                    "a number of partitions or replicas is given beside an assignment, which says both"
                )
            }
            let numbers = topic.assignments.map(\.partition).sorted()
            guard numbers == Array(0..<Int32(numbers.count)) else {
                throw TopicRefusal(.invalidReplicaAssignment, "the assigned partitions are not numbered from 0 on")
            }
            for assignment in topic.assignments { try checkReplicas(assignment.brokerIDs) }
            return Int32(numbers.count)
        }
        guard topic.replicationFactor == -1 || topic.replicationFactor == 1 else {
            throw TopicRefusal(
                .invalidReplicationFactor,
                "there is one node, so the replication factor is 1, not \(topic.replicationFactor)"
            )
        }
        return topic.partitionCount == -1 ? nil : topic.partitionCount
    }
}

extension Broker {
    /// Deletes topics, their records, and what groups had committed of them.
    func deleteTopics(_ request: DeleteTopicsRequest, _ context: RequestContext) -> Reply {
        let principal = context.origin.principal
        return changingTopics(context.eventLoop) {
            // Only of topics that exist: a request can name millions that do not.
            var ids: [String: KafkaUUID] = [:]
            for topic in request.topics where topic.isNamedOnce {
                let known = topic.name.map { self.topics.topic($0) } ?? self.topics.topic(id: topic.id)
                if let known { ids[known.name] = known.id }
            }
            let names = Dictionary(uniqueKeysWithValues: ids.map { ($1, $0) })
            // One that is named twice is deleted once, and then unknown.
            var outcome = self.topics.delete(Set(ids.keys))
            var response = DeleteTopicsResponse()
            response.topics = request.topics.map { topic in
                let name = topic.name ?? names[topic.id]
                let id = name.flatMap { ids[$0] } ?? topic.id
                do throws(TopicRefusal) {
                    guard topic.isNamedOnce else {
                        throw TopicRefusal(.invalidRequest, "a topic is named by its name or its id, one of the two")
                    }
                    guard let name else { throw TopicRefusal(.unknownTopicID, "no topic has this id") }
                    guard let result = outcome.removeValue(forKey: name) else { throw .unknown }
                    self.log(try result.get(), of: name, by: principal)
                    return .init(name: name, id: id)
                } catch {
                    return .init(name: name, id: id, errorCode: error.code, errorMessage: error.description)
                }
            }
            return .answer(Answer(response))
        }
    }

    private func log(_ remains: DeletionRemains, of topic: String, by principal: Principal) {
        logger.info(
            "topic deleted",
            metadata: [LogKey.topic: "\(topic)", LogKey.principal: "\(principal)"]
        )
        if let reason = remains.files {
            logger.warning(
                "files of a deleted topic are left until the next start",
                metadata: [LogKey.topic: "\(topic)", LogKey.reason: "\(reason)"]
            )
        }
        if let reason = remains.offsets {
            logger.warning(
                "offsets of a deleted topic are left until a topic gets its name",
                metadata: [LogKey.topic: "\(topic)", LogKey.reason: "\(reason)"]
            )
        }
    }
}

extension DeleteTopicsRequest.Topic {
    /// Whether it has a name or an id, and not both.
    fileprivate var isNamedOnce: Bool { (name == nil) != (id == .zero) }
}
