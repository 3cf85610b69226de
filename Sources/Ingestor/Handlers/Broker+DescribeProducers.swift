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
                .init(
                    name: topic.name,
                    partitions: topic.partitions.withoutRepetitions.map { number in
                        guard let log = self.topics.log(topic.name, number) else {
                            return .init(partition: number, errorCode: .unknownTopicOrPartition)
                        }
                        let producers = log.producers
                        left -= producers.count
                        guard left >= 0 else {
                            return .init(
                                partition: number,
                                errorCode: .invalidRequest,
                                errorMessage:
                                    "this is more than one answer may have: ask for fewer partitions at a time"
                            )
                        }
                        return .init(partition: number, producers: producers.map(Self.description))
                    }
                )
            }
            return .answer(Answer(response))
        }
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
