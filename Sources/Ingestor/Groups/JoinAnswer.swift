package import KafkaProtocol
package import NIOCore

/// What a join is answered with.
package struct JoinAnswer: Sendable, Equatable {
    /// A member of the new generation, as its leader is told of it.
    package struct Member: Sendable, Equatable {
        package var id: String
        package var instanceID: String?
        package var metadata: ByteBuffer

        package init(id: String, instanceID: String? = nil, metadata: ByteBuffer) {
            self.id = id
            self.instanceID = instanceID
            self.metadata = metadata
        }
    }

    package var error: ErrorCode
    package var generation: Int32
    package var protocolType: String?
    package var protocolName: String?
    package var leaderID: String
    package var skipAssignment: Bool
    package var memberID: String
    /// Everybody, for the leader; nobody for the others.
    package var members: [Member]

    /// The answer to a join that did not lead to a generation.
    package static func failed(_ error: ErrorCode, memberID: String) -> JoinAnswer {
        JoinAnswer(
            error: error,
            generation: -1,
            protocolType: nil,
            protocolName: nil,
            leaderID: "",
            skipAssignment: false,
            memberID: memberID,
            members: []
        )
    }
}
