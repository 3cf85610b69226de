/// Moves partitions to other nodes (KIP-455).
package struct AlterPartitionReassignmentsRequest: WireRequest {
    package static var api: APIKey { .alterPartitionReassignments }

    /// Where a partition shall be.
    package struct Partition: WireFields {
        /// The number of the partition.
        package var partition: Int32 = 0
        /// The nodes that shall hold it; `nil` ends a move that is under way.
        package var replicas: [Int32]?

        package init() {}

        package init(partition: Int32, replicas: [Int32]?) {
            self.partition = partition
            self.replicas = replicas
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.int32(&partition)
            try coder.nullableArray(&replicas)
            try coder.taggedFields()
        }
    }

    package typealias Topic = TopicPartitions<Partition>

    /// How long the client waits.
    package var timeoutMilliseconds: Int32 = 60_000
    /// The partitions by topic.
    package var topics: [Topic] = []

    package init() {}

    package init(topics: [Topic]) { self.topics = topics }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.int32(&timeoutMilliseconds)
        try coder.array(&topics)
        try coder.taggedFields()
    }
}

/// Which partitions are being moved.
package struct AlterPartitionReassignmentsResponse: WireResponse {
    package static var api: APIKey { .alterPartitionReassignments }

    /// The outcome for one partition.
    package struct Partition: WireFields {
        /// The number of the partition.
        package var partition: Int32 = 0
        /// The outcome.
        package var errorCode = ErrorCode.none
        /// The outcome in words.
        package var errorMessage: String?

        package init() {}

        package init(partition: Int32, errorCode: ErrorCode = .none, errorMessage: String? = nil) {
            self.partition = partition
            self.errorCode = errorCode
            self.errorMessage = errorMessage
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.int32(&partition)
            try coder.errorCode(&errorCode)
            try coder.nullableString(&errorMessage)
            try coder.taggedFields()
        }
    }

    package typealias Topic = TopicPartitions<Partition>

    /// How long the client must wait before its next request. No quotas are enforced here: 0.
    package var throttleMilliseconds: Int32 = 0
    /// The outcome for all.
    package var errorCode = ErrorCode.none
    /// That outcome in words.
    package var errorMessage: String?
    /// The outcomes by topic.
    package var topics: [Topic] = []

    package init() {}

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.int32(&throttleMilliseconds)
        try coder.errorCode(&errorCode)
        try coder.nullableString(&errorMessage)
        try coder.array(&topics)
        try coder.taggedFields()
    }
}

/// Asks which partitions are being moved.
package struct ListPartitionReassignmentsRequest: WireRequest {
    package static var api: APIKey { .listPartitionReassignments }

    package typealias Topic = TopicPartitions<Int32>

    /// How long the client waits.
    package var timeoutMilliseconds: Int32 = 60_000
    /// The partitions by topic; `nil` means all.
    package var topics: [Topic]?

    package init() {}

    package init(topics: [Topic]?) { self.topics = topics }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.int32(&timeoutMilliseconds)
        try coder.nullableArray(&topics)
        try coder.taggedFields()
    }
}

/// The partitions that are being moved.
package struct ListPartitionReassignmentsResponse: WireResponse {
    package static var api: APIKey { .listPartitionReassignments }

    /// One partition.
    package struct Partition: WireFields {
        /// The number of the partition.
        package var partition: Int32 = 0
        /// The nodes that hold it.
        package var replicas: [Int32] = []
        /// Those of them that are new.
        package var addingReplicas: [Int32] = []
        /// Those of them that will not hold it any more.
        package var removingReplicas: [Int32] = []

        package init() {}

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.int32(&partition)
            try coder.array(&replicas)
            try coder.array(&addingReplicas)
            try coder.array(&removingReplicas)
            try coder.taggedFields()
        }
    }

    package typealias Topic = TopicPartitions<Partition>

    /// How long the client must wait before its next request. No quotas are enforced here: 0.
    package var throttleMilliseconds: Int32 = 0
    /// The outcome.
    package var errorCode = ErrorCode.none
    /// The outcome in words.
    package var errorMessage: String?
    /// The partitions by topic.
    package var topics: [Topic] = []

    package init() {}

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.int32(&throttleMilliseconds)
        try coder.errorCode(&errorCode)
        try coder.nullableString(&errorMessage)
        try coder.array(&topics)
        try coder.taggedFields()
    }
}
