import CommitLog
import KafkaProtocol
import KafkaTopics
import Logging
import NIOCore

/// What tools ask about groups, and what they change in them: never on an event loop, since there may be many groups, and
/// since what is deleted is written to the disk.
extension Broker {
    /// The groups that have members, or had some recently, or have committed offsets.
    func listGroups(_ request: ListGroupsRequest, _ context: RequestContext) -> Reply {
        onThreads(context.eventLoop) {
            let states = Set(request.states.map { $0.lowercased() })
            let types = Set(request.types.map { $0.lowercased() })
            var known = self.groups.summaries.filter { $0.value.state != .dead }
            for name in self.offsets.groupNames where known[name] == nil { known[name] = (.empty, "", .classic) }
            var response = ListGroupsResponse()
            response.groups = known.filter { states.isEmpty || states.contains($0.value.state.rawValue.lowercased()) }
                .filter { types.isEmpty || types.contains($0.value.type.rawValue) }
                .sorted { $0.key < $1.key }
                .map { name, group in
                    .init(
                        groupID: name,
                        protocolType: group.protocolType,
                        state: group.state.rawValue,
                        type: group.type.rawValue
                    )
                }
            return .answer(Answer(response))
        }
    }

    /// Who is in groups. Each group is answered once; what is more than one answer may have is refused.
    func describeGroups(_ request: DescribeGroupsRequest, _ context: RequestContext) -> Reply {
        let version = context.version
        return onThreads(context.eventLoop) {
            var bytesLeft = self.configuration.limits.describedBytesMax
            var response = DescribeGroupsResponse()
            response.groups = request.groups.withoutRepetitions.map { name in
                var group = self.described(name, version: version)
                bytesLeft -= group.members.reduce(0) { $0 + Self.byteCount($1) }
                if bytesLeft < 0 {
                    return .init(
                        groupID: name,
                        errorCode: .invalidRequest,
                        errorMessage: "this is more than one answer may have: ask for fewer groups at a time"
                    )
                }
                if request.includesAuthorizedOperations, group.errorCode == .none {
                    group.authorizedOperations = AuthorizedOperations.group
                }
                return group
            }
            return .answer(Answer(response))
        }
    }

    private func described(_ name: String, version: Int16) -> DescribeGroupsResponse.Group {
        let known = groups.description(of: name) ?? (offsets.knows(group: name) ? .classic(.withoutMembers) : nil)
        guard case .classic(let group) = known else {
            // Before version 6 a group that is not there is described as a dead one.
            guard version >= 6 else { return .init(groupID: name, state: GroupState.dead.rawValue) }
            return .init(
                groupID: name,
                errorCode: .groupIDNotFound,
                errorMessage: known == nil
                    ? "there is no group of this name"
                    : "the group is not of the classic protocol: ConsumerGroupDescribe describes it",
                state: GroupState.dead.rawValue
            )
        }
        // During a rebalance no protocol is chosen and no member has an assignment.
        let isStable = group.state == .stable
        var answer = DescribeGroupsResponse.Group(groupID: name, state: group.state.rawValue)
        answer.protocolType = group.protocolType
        answer.protocolName = isStable ? group.protocolName ?? "" : ""
        answer.members = group.members.map { member in
            .init(
                memberID: member.id,
                groupInstanceID: member.instanceID,
                clientID: member.client.id,
                clientHost: member.client.host,
                metadata: isStable ? member.metadata : ByteBuffer(),
                assignment: isStable ? member.assignment : ByteBuffer()
            )
        }
        return answer
    }

    private static func byteCount(_ member: DescribeGroupsResponse.Member) -> Int {
        let names = [member.memberID, member.groupInstanceID ?? "", member.clientID, member.clientHost]
        return names.reduce(member.metadata.readableBytes + member.assignment.readableBytes) { $0 + $1.utf8.count }
    }
}

extension Broker {
    /// Deletes groups without members, with what they committed.
    func deleteGroups(_ request: DeleteGroupsRequest, _ context: RequestContext) -> Reply {
        let principal = context.origin.principal
        return onThreads(context.eventLoop) {
            var response = DeleteGroupsResponse()
            response.groups = request.groups.withoutRepetitions.map { name in
                let outcome = self.groups.delete(group: name) {
                    Result { () throws(IngestorError) in try self.offsets.forget(group: name) }
                }
                return .init(groupID: name, errorCode: self.settled(outcome, "group deleted", name, principal))
            }
            if !self.flushesOffsets() {
                for index in response.groups.indices where response.groups[index].errorCode == .none {
                    response.groups[index].errorCode = .kafkaStorageError
                }
            }
            return .answer(Answer(response))
        }
    }

    /// Deletes what a group committed of partitions that its members do not read now.
    func deleteOffsets(_ request: OffsetDeleteRequest, _ context: RequestContext) -> Reply {
        guard !request.groupID.isEmpty else { return .now(Answer(OffsetDeleteResponse(errorCode: .invalidGroupID))) }
        let count = request.topics.reduce(0) { $0 + $1.partitions.count }
        guard count <= configuration.limits.partitionsPerRequestMax else {
            return .now(Answer(OffsetDeleteResponse(errorCode: .invalidRequest)))
        }
        let principal = context.origin.principal
        return onThreads(context.eventLoop) {
            var response = OffsetDeleteResponse()
            let outcome = self.groups.withDescription(of: request.groupID) { description in
                self.forget(request, description, &response)
            }
            let name = request.groupID
            response.errorCode = self.settled(outcome, "offsets of a group deleted", name, principal)
            if response.errorCode == .none, !self.flushesOffsets() { response.errorCode = .kafkaStorageError }
            if response.errorCode != .none { response.topics = [] }
            return .answer(Answer(response))
        }
    }

    /// Fills in what becomes of each partition, and removes the offsets.
    ///
    /// - Returns: why the group as a whole is refused, else none.
    private func forget(
        _ request: OffsetDeleteRequest,
        _ description: KnownGroup?,
        _ response: inout OffsetDeleteResponse
    ) -> Result<ErrorCode, IngestorError> {
        let known = description ?? (offsets.knows(group: request.groupID) ? .classic(.withoutMembers) : nil)
        guard let group = known else {
            return .success(.groupIDNotFound)
        }
        guard !group.hasMembers || group.protocolType == ConsumerSubscription.protocolType else {
            return .success(.nonEmptyGroup)
        }
        let inUse = group.subscribedTopics
        var gone: Set<TopicPartition> = []
        let partitions = Dictionary(grouping: request.topics, by: \.name).mapValues { $0.flatMap(\.partitions) }
        response.topics = request.topics.map(\.name).withoutRepetitions.map { topic in
            let isInUse = inUse.map { $0.contains(topic) } ?? true
            let outcomes = (partitions[topic] ?? []).withoutRepetitions.map { number in
                if topics.log(topic, number) == nil {
                    return OffsetDeleteResponse.Partition(partition: number, errorCode: .unknownTopicOrPartition)
                }
                if isInUse { return .init(partition: number, errorCode: .groupSubscribedToTopic) }
                gone.insert(TopicPartition(topic: topic, partition: number))
                return .init(partition: number)
            }
            return OffsetDeleteResponse.Topic(name: topic, partitions: outcomes)
        }
        return Result { () throws(IngestorError) in
            try offsets.forget(gone, of: request.groupID)
            return .none
        }
    }

    /// The code of an outcome, which is logged where something changed or failed.
    private func settled(
        _ outcome: Result<ErrorCode, IngestorError>,
        _ change: Logger.Message,
        _ group: String,
        _ principal: Principal
    ) -> ErrorCode {
        switch outcome {
        case .success(let code):
            if code == .none {
                logger.info(change, metadata: [LogKey.group: "\(group)", LogKey.principal: "\(principal)"])
            }
            return code
        case .failure(let error):
            logger.error(
                "offsets not deleted",
                metadata: [LogKey.group: "\(group)", LogKey.reason: "\(error)"]
            )
            return .kafkaStorageError
        }
    }

    /// Brings what was deleted to the device where the flush policy asks for that before an answer.
    ///
    /// - Returns: whether it may be acknowledged.
    private func flushesOffsets() -> Bool {
        guard configuration.log.flushPolicy == .always else { return true }
        do throws(IngestorError) {
            try offsets.flush()
            return true
        } catch {
            logger.error("deleted offsets not flushed", metadata: [LogKey.reason: "\(error)"])
            return false
        }
    }
}
