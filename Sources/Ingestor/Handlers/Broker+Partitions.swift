import CommitLog
import KafkaProtocol
import KafkaTopics
import Logging
import NIOCore

extension Broker {
    /// Gives topics more partitions, or says of each why it cannot have them.
    func createPartitions(_ request: CreatePartitionsRequest, _ context: RequestContext) -> Reply {
        var response = CreatePartitionsResponse()
        guard request.topics.count <= configuration.limits.partitionsMax else {
            response.topics = request.topics.map { .init(name: $0.name, errorCode: .invalidRequest) }
            return .now(Answer(response))
        }
        let principal = context.origin.principal
        return changingTopics(context.eventLoop) {
            let named = Dictionary(grouping: request.topics, by: \.name)
            var response = CreatePartitionsResponse()
            response.topics = request.topics.map(\.name).withoutRepetitions.map { name in
                do throws(TopicRefusal) {
                    guard let wanted = named[name]?.first, named[name]?.count == 1 else {
                        throw TopicRefusal(.invalidRequest, "the topic is in the request more than once")
                    }
                    try self.addPartitions(wanted, by: principal, onlyChecks: request.validatesOnly)
                    return .init(name: name)
                } catch {
                    return .init(name: name, errorCode: error.code, errorMessage: error.description)
                }
            }
            return .answer(Answer(response))
        }
    }

    private func addPartitions(
        _ wanted: CreatePartitionsRequest.Topic,
        by principal: Principal,
        onlyChecks: Bool
    ) throws(TopicRefusal) {
        try topics.addPartitions(to: wanted.name, count: wanted.partitionCount, onlyChecks: true)
        if let assignments = wanted.assignments, let topic = topics.topic(wanted.name) {
            let added = Int(wanted.partitionCount - topic.partitionCount)
            guard assignments.count == added else {
                throw TopicRefusal(
                    .invalidReplicaAssignment,
                    "\(assignments.count) assignments are given for \(added) new partitions"
                )
            }
            for assignment in assignments { try checkReplicas(assignment.brokerIDs) }
        }
        if onlyChecks { return }
        try topics.addPartitions(to: wanted.name, count: wanted.partitionCount, onlyChecks: false)
        logger.info(
            "partitions added",
            metadata: [
                LogKey.topic: "\(wanted.name)", LogKey.partitions: "\(wanted.partitionCount)",
                LogKey.principal: "\(principal)",
            ]
        )
    }

    /// Whether these nodes can hold a partition.
    func checkReplicas(_ nodes: [Int32]) throws(TopicRefusal) {
        guard nodes == [ClusterIdentity.nodeID] else {
            throw TopicRefusal(
                .invalidReplicaAssignment,
                "there is one node, number \(ClusterIdentity.nodeID): a partition can be on that one only"
            )
        }
    }
}

/// Where partitions are and who leads them, which one node leaves no choice about: the answers are those of a cluster in
/// which everything is where it should be.
extension Broker {
    /// The kinds of elections on the wire: of the preferred replica, of any that is left.
    private static let electionTypes: ClosedRange<Int8> = 0...1

    /// Of all partitions, only those are in the answer that needed an election: none.
    func electLeaders(_ request: ElectLeadersRequest, _ context: RequestContext) -> Reply {
        onThreads(context.eventLoop) {
            var response = ElectLeadersResponse()
            guard Self.electionTypes.contains(request.electionType) else {
                response.errorCode = .invalidRequest
                return .answer(Answer(response))
            }
            response.topics = (request.topics ?? []).map { topic in
                let partitions = topic.partitions.withoutRepetitions.map { self.elect(topic.name, $0) }
                return .init(name: topic.name, partitions: partitions)
            }
            return .answer(Answer(response))
        }
    }

    private func elect(_ topic: String, _ partition: Int32) -> ElectLeadersResponse.Partition {
        guard topics.log(topic, partition) != nil else {
            return .init(partition: partition, errorCode: .unknownTopicOrPartition)
        }
        return .init(
            partition: partition,
            errorCode: .electionNotNeeded,
            errorMessage: "the only node leads the partition"
        )
    }

    /// A partition can be moved to where it is.
    func alterPartitionReassignments(
        _ request: AlterPartitionReassignmentsRequest,
        _ context: RequestContext
    ) -> Reply {
        onThreads(context.eventLoop) {
            var response = AlterPartitionReassignmentsResponse()
            response.topics = request.topics.map { topic in
                .init(name: topic.name, partitions: topic.partitions.map { self.move($0, of: topic.name) })
            }
            return .answer(Answer(response))
        }
    }

    private func move(
        _ wanted: AlterPartitionReassignmentsRequest.Partition,
        of topic: String
    ) -> AlterPartitionReassignmentsResponse.Partition {
        do throws(TopicRefusal) {
            guard topics.log(topic, wanted.partition) != nil else {
                throw TopicRefusal(.unknownTopicOrPartition, "the partition does not exist")
            }
            guard let replicas = wanted.replicas else {
                throw TopicRefusal(.noReassignmentInProgress, "the partition is not being moved")
            }
            try checkReplicas(replicas)
            return .init(partition: wanted.partition)
        } catch {
            return .init(partition: wanted.partition, errorCode: error.code, errorMessage: error.description)
        }
    }

    /// None is being moved.
    func listPartitionReassignments(_ request: ListPartitionReassignmentsRequest) -> Reply {
        .now(Answer(ListPartitionReassignmentsResponse()))
    }
}
