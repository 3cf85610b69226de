import CommitLog
import KafkaProtocol
import NIOCore

extension Broker {
    /// The idempotent producers that partitions remember.
    func describeProducers(_ request: DescribeProducersRequest, _ context: RequestContext) -> Reply {
        onThreads(context.eventLoop) {
            var left = self.configuration.limits.describedProducersMax
            var response = DescribeProducersResponse()
            response.topics = request.topics.map { topic in
                let partitions = topic.partitions.withoutRepetitions.map { self.producers(of: topic.name, $0, &left) }
                return .init(name: topic.name, partitions: partitions)
            }
            return .answer(Answer(response))
        }
    }

    /// - Parameter left: How many producers the answer may still have; below 0 where they were too many.
    private func producers(
        of topic: String,
        _ partition: Int32,
        _ left: inout Int
    ) -> DescribeProducersResponse.Partition {
        guard let log = topics.log(topic, partition) else {
            return .init(partition: partition, errorCode: .unknownTopicOrPartition)
        }
        let producers = left < 0 ? [] : log.producers
        left -= producers.count
        guard left >= 0 else {
            return .init(
                partition: partition,
                errorCode: .invalidRequest,
                errorMessage: "this is more than one answer may have: ask for fewer partitions at a time"
            )
        }
        return .init(partition: partition, producers: producers.map(Self.description))
    }

    private static func description(
        _ producer: (id: Int64, state: ProducerState)
    ) -> DescribeProducersResponse.Producer {
        .init(
            producerID: producer.id,
            epoch: Int32(producer.state.epoch),
            lastSequence: producer.state.batches.last?.lastSequence ?? -1,
            lastTimestamp: producer.state.lastAppendMilliseconds
        )
    }
}
