import KafkaProtocol
import Logging
import NIOCore

extension Broker {
    /// Deletes topics, their records, and what groups had committed of them.
    func deleteTopics(_ request: DeleteTopicsRequest, _ context: RequestContext) -> Reply {
        onThreads(context.eventLoop) {
            var response = DeleteTopicsResponse()
            response.topics = request.names.map { name in
                do throws(TopicRefusal) {
                    let remains = try self.topics.delete(name)
                    self.logger.info("topic deleted", metadata: [LogKey.topic: "\(name)"])
                    if let remains {
                        self.logger.warning(
                            "files of a deleted topic are left until the next start",
                            metadata: [LogKey.topic: "\(name)", LogKey.reason: "\(remains)"]
                        )
                    }
                } catch {
                    return .init(name: name, errorCode: error.code, errorMessage: error.description)
                }
                do throws(IngestorError) {
                    try self.offsets.forget(topic: name)
                } catch {
                    self.logger.error(
                        "offsets of a deleted topic not forgotten",
                        metadata: [LogKey.topic: "\(name)", LogKey.reason: "\(error)"]
                    )
                    return .init(name: name, errorCode: .kafkaStorageError, errorMessage: error.description)
                }
                return .init(name: name)
            }
            return .answer(Answer(response))
        }
    }
}
