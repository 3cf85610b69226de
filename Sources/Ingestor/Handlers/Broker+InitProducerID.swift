import KafkaProtocol
import Logging
import NIOCore

extension Broker {
    /// Gives an idempotent producer its number. Transactions are not offered.
    ///
    /// A producer that has one already gets a new one, as Kafka does it: its numbers start anew, so nothing can be
    /// mistaken for a duplicate.
    func initProducerID(_ request: InitProducerIDRequest, _ context: RequestContext) -> Reply {
        guard request.transactionalID == nil else {
            logger.warning(
                "transactional producer refused",
                metadata: [LogKey.client: "\(context.clientID)", LogKey.principal: "\(context.origin.principal)"]
            )
            return .now(
                Answer(
                    InitProducerIDResponse(throttleMilliseconds: 0, errorCode: .transactionalIDAuthorizationFailed)
                )
            )
        }
        // A new block of numbers is written to disk first.
        return onThreads(context.eventLoop) {
            do throws(IngestorError) {
                let id = try self.producerIDs.next()
                return .answer(
                    Answer(InitProducerIDResponse(throttleMilliseconds: 0, producerID: id, producerEpoch: 0))
                )
            } catch {
                self.logger.error("no producer id", metadata: [LogKey.reason: "\(error)"])
                return .answer(
                    Answer(InitProducerIDResponse(throttleMilliseconds: 0, errorCode: .kafkaStorageError))
                )
            }
        }
    }
}
