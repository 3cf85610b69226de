/// A group of the protocol of KIP-848 as tools are told of it.
package struct ConsumerGroupDescription: Sendable, Equatable {
    /// A member, with what it has and what it is to have.
    package struct Member: Sendable, Equatable {
        package var id: String
        package var instanceID: String?
        package var rackID: String?
        package var client: GroupClient
        /// Whether it speaks the classic protocol.
        package var isClassic: Bool
        package var epoch: Int32
        package var topicNames: [String]
        /// Empty where it has none.
        package var pattern: String
        package var assigned: PartitionAssignment
        package var target: PartitionAssignment
    }

    package var state: GroupState
    package var groupEpoch: Int32
    package var assignmentEpoch: Int32
    package var assignor: PartitionAssignor
    package var members: [Member]
    /// The topics that members read, by name or by pattern.
    package var subscribedTopics: Set<String>
}
