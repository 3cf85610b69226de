import KafkaProtocol
import NIOCore

/// The group protocol of KIP-848: see ``ConsumerGroupStateMachine``.
extension Broker {
    /// A member's heartbeat. It is answered at once, unless patterns have to be matched with the topics first: that is done
    /// away from the event loop, and from the group's lock.
    func heartbeat(_ request: ConsumerGroupHeartbeatRequest, _ context: RequestContext) -> Reply {
        if let refusal = refusal(of: request, version: context.version) { return .now(answer(refusal)) }
        let heartbeat = heartbeat(from: request, context)
        let group = request.groupID
        let view = topics.view
        let patterns = groups.patternsToResolve(group: group, adding: heartbeat.pattern, in: view)
        if patterns.isEmpty { return .now(answer(groups.heartbeat(group: group, heartbeat, view))) }
        return onThreads(context.eventLoop) { [heartbeat] in
            var heartbeat = heartbeat
            for text in patterns {
                // One that is malformed was refused when it came.
                guard let pattern = try? TopicPattern(text) else { continue }
                heartbeat.matches[text] = PatternMatches(pattern, in: view)
            }
            return .answer(self.answer(self.groups.heartbeat(group: group, heartbeat, view)))
        }
    }

    /// What is wrong with the request alone, whatever its group is; `nil` where nothing is.
    private func refusal(of request: ConsumerGroupHeartbeatRequest, version: Int16) -> ConsumerHeartbeatAnswer? {
        let limits = configuration.limits
        func invalid(_ reason: String) -> ConsumerHeartbeatAnswer { .refused(.invalidRequest, reason) }
        guard !request.groupID.isEmpty else { return invalid("the group has no id") }
        let names = [request.groupID, request.memberID, request.instanceID ?? "", request.rackID ?? ""]
        guard names.allSatisfy({ $0.utf8.count <= limits.groupNameBytesMax }) else {
            return invalid("ids of groups and members have at most \(limits.groupNameBytesMax) bytes")
        }
        guard request.instanceID?.isEmpty != true, request.rackID?.isEmpty != true else {
            return invalid("an instance id or a rack is empty: it is left out where there is none")
        }
        let isJoin = request.memberEpoch == ConsumerGroupHeartbeatRequest.joiningEpoch
        guard !request.memberID.isEmpty || (isJoin && version == 0) else { return invalid("the member has no id") }
        guard request.memberEpoch >= ConsumerGroupHeartbeatRequest.pausingEpoch else {
            return invalid("\(request.memberEpoch) is no epoch of a member")
        }
        if request.memberEpoch == ConsumerGroupHeartbeatRequest.pausingEpoch, request.instanceID == nil {
            return invalid("only a member with an instance id can come back")
        }
        if let assignor = request.serverAssignor, PartitionAssignor(rawValue: assignor) == nil {
            let known = PartitionAssignor.allCases.map(\.rawValue).joined(separator: ", ")
            return .refused(.unsupportedAssignor, "there is no assignor of this name: there are \(known)")
        }
        if isJoin, let missing = missing(in: request) { return invalid(missing) }
        return refusal(of: request.subscribedTopicRegex ?? "")
    }

    /// What a request that joins has to say, and does not.
    private func missing(in request: ConsumerGroupHeartbeatRequest) -> String? {
        if request.rebalanceTimeoutMilliseconds < 0 {
            return "a member that joins says how long it may take to rebalance"
        }
        if request.topicPartitions?.isEmpty != true { return "a member that joins has no partitions, and says so" }
        if request.subscribedTopicNames == nil, request.subscribedTopicRegex == nil {
            return "a member that joins says which topics it reads"
        }
        return nil
    }

    private func refusal(of pattern: String) -> ConsumerHeartbeatAnswer? {
        guard pattern.utf8.count <= configuration.limits.patternBytesMax else {
            return .refused(
                .invalidRegularExpression,
                "a regular expression has at most \(configuration.limits.patternBytesMax) bytes"
            )
        }
        do throws(PatternError) {
            _ = try TopicPattern(pattern)
            return nil
        } catch {
            return .refused(.invalidRegularExpression, "the regular expression has \(error)")
        }
    }

    private func heartbeat(from request: ConsumerGroupHeartbeatRequest, _ context: RequestContext) -> ConsumerHeartbeat
    {
        let timeout = Int64(request.rebalanceTimeoutMilliseconds)
        return ConsumerHeartbeat(
            memberID: request.memberID.isEmpty ? KafkaUUID.random().description : request.memberID,
            epoch: request.memberEpoch,
            instanceID: request.instanceID,
            rackID: request.rackID,
            client: client(of: context),
            rebalanceTimeout: timeout < 0 ? nil : .milliseconds(timeout),
            topicNames: request.subscribedTopicNames.map(Set.init),
            pattern: request.subscribedTopicRegex,
            assignor: request.serverAssignor.flatMap(PartitionAssignor.init(rawValue:)),
            owned: request.topicPartitions.map(PartitionAssignment.init)
        )
    }

    private func answer(_ heartbeat: ConsumerHeartbeatAnswer) -> Answer {
        var response = ConsumerGroupHeartbeatResponse(errorCode: heartbeat.error, errorMessage: heartbeat.message)
        response.memberID = heartbeat.memberID
        response.memberEpoch = heartbeat.epoch
        response.assignment = heartbeat.assignment.map { .init(topicPartitions: $0.listed) }
        if heartbeat.error == .none {
            response.heartbeatIntervalMilliseconds = Int32(
                configuration.groups.consumerHeartbeatInterval.nanoseconds / 1_000_000
            )
        }
        return Answer(response)
    }
}

extension Broker {
    /// Who is in groups of this protocol. Each group is answered once; what is more than one answer may have is refused.
    func describeConsumerGroups(_ request: ConsumerGroupDescribeRequest, _ context: RequestContext) -> Reply {
        onThreads(context.eventLoop) {
            let view = self.topics.view
            let names = Dictionary(view.topics.map { ($0.value.id, $0.key) }, uniquingKeysWith: { first, _ in first })
            var bytesLeft = self.configuration.limits.describedBytesMax
            var response = ConsumerGroupDescribeResponse()
            response.groups = request.groupIDs.withoutRepetitions.map { id in
                guard bytesLeft >= 0 else { return Self.tooMuch(id) }
                var group = self.described(id, names)
                bytesLeft -= group.members.reduce(0) { $0 + Self.byteCount($1) }
                guard bytesLeft >= 0 else { return Self.tooMuch(id) }
                if request.includesAuthorizedOperations, group.errorCode == .none {
                    group.authorizedOperations = AuthorizedOperations.group
                }
                return group
            }
            return .answer(Answer(response))
        }
    }

    private static func tooMuch(_ id: String) -> ConsumerGroupDescribeResponse.Group {
        .init(
            groupID: id,
            errorCode: .invalidRequest,
            errorMessage: "this is more than one answer may have: ask for fewer groups at a time"
        )
    }

    private func described(_ id: String, _ names: [KafkaUUID: String]) -> ConsumerGroupDescribeResponse.Group {
        let known = groups.description(of: id)
        guard case .consumer(let group) = known else {
            return .init(
                groupID: id,
                errorCode: id.isEmpty ? .invalidGroupID : .groupIDNotFound,
                errorMessage: known == nil && !offsets.knows(group: id)
                    ? "there is no group of this name"
                    : "the group is of the classic protocol: DescribeGroups describes it"
            )
        }
        func listed(_ partitions: PartitionAssignment) -> ConsumerGroupDescribeResponse.Assignment {
            // What is deleted has no name any more.
            .init(
                topicPartitions: partitions.listed.map {
                    .init(topicID: $0.topicID, topicName: names[$0.topicID] ?? "", partitions: $0.partitions)
                }
            )
        }
        var answer = ConsumerGroupDescribeResponse.Group(groupID: id, state: group.state.rawValue)
        answer.groupEpoch = group.groupEpoch
        answer.assignmentEpoch = group.assignmentEpoch
        answer.assignorName = group.assignor.rawValue
        answer.members = group.members.map { known in
            var member = ConsumerGroupDescribeResponse.Member()
            member.memberID = known.id
            member.instanceID = known.instanceID
            member.rackID = known.rackID
            member.memberEpoch = known.epoch
            member.clientID = known.client.id
            member.clientHost = known.client.host
            member.subscribedTopicNames = known.topicNames
            member.subscribedTopicRegex = known.pattern.isEmpty ? nil : known.pattern
            member.assignment = listed(known.assigned)
            member.targetAssignment = listed(known.target)
            member.memberType =
                known.isClassic
                ? ConsumerGroupDescribeResponse.Member.classicType : ConsumerGroupDescribeResponse.Member.consumerType
            return member
        }
        return answer
    }

    private static func byteCount(_ member: ConsumerGroupDescribeResponse.Member) -> Int {
        let texts = [
            member.memberID, member.instanceID ?? "", member.rackID ?? "", member.clientID, member.clientHost,
            member.subscribedTopicRegex ?? "",
        ]
        let names = (texts + member.subscribedTopicNames).reduce(0) { $0 + $1.utf8.count }
        let topics = member.assignment.topicPartitions + member.targetAssignment.topicPartitions
        return topics.reduce(names) { $0 + 24 + $1.topicName.utf8.count + 4 * $1.partitions.count }
    }
}
