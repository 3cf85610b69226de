/// Asks to move partitions to other directories of the node.
package struct AlterReplicaLogDirsRequest: WireRequest {
    package static var api: APIKey { .alterReplicaLogDirs }

    package typealias Topic = TopicPartitions<Int32>

    /// A directory, and what is to be in it.
    package struct Directory: WireFields {
        /// Its path.
        package var path = ""
        /// The partitions by topic.
        package var topics: [Topic] = []

        package init() {}

        package init(path: String, topics: [Topic] = []) {
            self.path = path
            self.topics = topics
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.string(&path)
            try coder.array(&topics)
            try coder.taggedFields()
        }
    }

    /// The partitions by directory.
    package var directories: [Directory] = []

    package init() {}

    package init(directories: [Directory]) { self.directories = directories }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.array(&directories)
        try coder.taggedFields()
    }
}

/// The outcome by partition.
package struct AlterReplicaLogDirsResponse: WireResponse {
    package static var api: APIKey { .alterReplicaLogDirs }

    /// One partition.
    package struct Partition: WireFields {
        /// The number of the partition.
        package var partition: Int32 = 0
        /// The outcome.
        package var errorCode = ErrorCode.none

        package init() {}

        package init(partition: Int32, errorCode: ErrorCode) {
            self.partition = partition
            self.errorCode = errorCode
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.int32(&partition)
            try coder.errorCode(&errorCode)
            try coder.taggedFields()
        }
    }

    package typealias Topic = TopicPartitions<Partition>

    /// How long the client must wait before its next request. No quotas are enforced here: 0.
    package var throttleMilliseconds: Int32 = 0
    /// The partitions by topic.
    package var topics: [Topic] = []

    package init() {}

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.int32(&throttleMilliseconds)
        try coder.array(&topics)
        try coder.taggedFields()
    }
}
