import KafkaProtocol
import Logging
import NIOCore

extension Broker {
    /// Deletes topics, their records, and what groups had committed of them.
    func deleteTopics(_ request: DeleteTopicsRequest, _ context: RequestContext) -> Reply {
        changingTopics(context.eventLoop) {
            var response = DeleteTopicsResponse()
            response.topics = request.names.map { name in
                do throws(TopicRefusal) {
                    self.log(try self.topics.delete(name), of: name)
                    return .init(name: name)
                } catch {
                    return .init(name: name, errorCode: error.code, errorMessage: error.description)
                }
            }
            return .answer(Answer(response))
        }
    }

    private func log(_ remains: DeletionRemains, of topic: String) {
        logger.info("topic deleted", metadata: [LogKey.topic: "\(topic)"])
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
