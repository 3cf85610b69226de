import KafkaProtocol
import KafkaTopics

extension Broker {
    /// Tells how far groups have come: in the partitions asked for, or in all that they have offsets of.
    func fetchOffsets(_ request: OffsetFetchRequest) -> Reply {
        var response = OffsetFetchResponse()
        response.groups = request.groups.map { group in
            let known = offsets.offsets(of: group.groupID)
            return OffsetFetchResponse.Group(
                groupID: group.groupID,
                topics: group.topics.map { Self.chosen($0, of: known) } ?? Self.everything(of: known)
            )
        }
        return .now(Answer(response))
    }

    private static func chosen(
        _ topics: [OffsetFetchRequest.Topic],
        of known: [TopicPartition: CommittedOffset]
    ) -> [OffsetFetchResponse.Topic] {
        topics.map { topic in
            OffsetFetchResponse.Topic(
                name: topic.name,
                partitions: topic.partitions.map {
                    partition($0, known[TopicPartition(topic: topic.name, partition: $0)])
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
