import KafkaProtocol
import KafkaTopics

extension Broker {
    /// Tells how far groups have come: in the partitions asked for, or in all that they have offsets of. Each group and each
    /// partition is answered once: a committed offset may have a note of kilobytes, a question has a few bytes.
    func fetchOffsets(_ request: OffsetFetchRequest, _ context: RequestContext) -> Reply {
        var response = OffsetFetchResponse()
        var left = configuration.limits.partitionsPerRequestMax
        response.groups = Self.merged(request.groups).map { group in
            let known = offsets.offsets(of: group.groupID)
            let topics = group.topics.map { Self.chosen($0, of: known) } ?? Self.everything(of: known)
            let count = topics.reduce(0) { $0 + $1.partitions.count }
            guard count <= left else { return Self.refused(group.groupID, topics, version: context.version) }
            left -= count
            return OffsetFetchResponse.Group(groupID: group.groupID, topics: topics)
        }
        return .now(Answer(response))
    }

    /// Before version 2 an answer has no place for a group's error: each partition has it then.
    private static func refused(
        _ groupID: String,
        _ topics: [OffsetFetchResponse.Topic],
        version: Int16
    ) -> OffsetFetchResponse.Group {
        if version >= 2 { return OffsetFetchResponse.Group(groupID: groupID, errorCode: .invalidRequest) }
        let answered = topics.map { topic in
            OffsetFetchResponse.Topic(
                name: topic.name,
                partitions: topic.partitions.map { .init(partition: $0.partition, errorCode: .invalidRequest) }
            )
        }
        return OffsetFetchResponse.Group(groupID: groupID, topics: answered)
    }

    private static func merged(_ groups: [OffsetFetchRequest.Group]) -> [OffsetFetchRequest.Group] {
        var places: [String: Int] = [:]
        var merged: [OffsetFetchRequest.Group] = []
        for group in groups {
            if let place = places[group.groupID] {
                if let topics = group.topics {
                    merged[place].topics?.append(contentsOf: topics)
                } else {
                    merged[place].topics = nil
                }
            } else {
                places[group.groupID] = merged.count
                merged.append(group)
            }
        }
        return merged
    }

    private static func chosen(
        _ topics: [OffsetFetchRequest.Topic],
        of known: [TopicPartition: CommittedOffset]
    ) -> [OffsetFetchResponse.Topic] {
        let partitions = Dictionary(grouping: topics, by: \.name).mapValues { $0.flatMap(\.partitions) }
        return topics.map(\.name).withoutRepetitions.map { name in
            OffsetFetchResponse.Topic(
                name: name,
                partitions: (partitions[name] ?? []).withoutRepetitions.map {
                    partition($0, known[TopicPartition(topic: name, partition: $0)])
                }
            )
        }
    }

    private static func everything(of known: [TopicPartition: CommittedOffset]) -> [OffsetFetchResponse.Topic] {
        Dictionary(grouping: known, by: \.key.topic).sorted { $0.key < $1.key }.map { topic, offsets in
            OffsetFetchResponse.Topic(
                name: topic,
                partitions: offsets.sorted { $0.key < $1.key }.map { partition($0.key.partition, $0.value) }
            )
        }
    }

    private static func partition(_ number: Int32, _ known: CommittedOffset?) -> OffsetFetchResponse.Partition {
        OffsetFetchResponse.Partition(
            partition: number,
            offset: known?.offset ?? -1,
            leaderEpoch: known?.leaderEpoch ?? -1,
            metadata: known?.metadata ?? ""
        )
    }
}
