/// A topic with all that is known of it.
package struct TopicDetails: Hashable, Sendable, Codable {
    /// One partition of it.
    package struct Partition: Hashable, Sendable, Codable {
        package let partition: Int32
        /// The broker that leads it; `nil` while there is none.
        package let leader: Int32?
        package let replicas: [Int32]
        package let inSyncReplicas: [Int32]
        /// The offset of the oldest record; `nil` while there is no leader to ask.
        package let logStartOffset: Int64?
        /// The offset that the next record will get; `nil` while there is no leader to ask.
        package let endOffset: Int64?
        /// Between the two; `nil` while there is no leader to ask.
        package let records: Int64?
    }

    /// One of its settings.
    package struct Setting: Hashable, Sendable, Codable {
        package let name: String
        /// `nil` where the broker hides it.
        package let value: String?
        package let isDefault: Bool
    }

    package let name: String
    package let partitions: [Partition]
    package let settings: [Setting]
}
