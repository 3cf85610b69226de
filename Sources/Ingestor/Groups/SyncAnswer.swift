package import KafkaProtocol
package import NIOCore

/// What a sync is answered with.
package struct SyncAnswer: Sendable, Equatable {
    package var error: ErrorCode
    package var protocolType: String?
    package var protocolName: String?
    package var assignment: ByteBuffer

    /// The answer to a sync that came to no assignment.
    package static func failed(_ error: ErrorCode) -> SyncAnswer {
        SyncAnswer(error: error, protocolType: nil, protocolName: nil, assignment: ByteBuffer())
    }
}
