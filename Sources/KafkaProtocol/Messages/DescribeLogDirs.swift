/// Asks how much the partitions take on each disk.
package struct DescribeLogDirsRequest: WireRequest {
    package static var api: APIKey { .describeLogDirs }

    package typealias Topic = TopicPartitions<Int32>

    /// The partitions by topic; `nil` means all.
    package var topics: [Topic]?

    package init() {}

    package init(topics: [Topic]?) { self.topics = topics }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.nullableArray(&topics)
        try coder.taggedFields()
    }
}

/// The directories of logs, with the sizes of the partitions in them.
package struct DescribeLogDirsResponse: WireResponse {
    package static var api: APIKey { .describeLogDirs }

    /// One partition.
    package struct Partition: WireFields {
        /// The number of the partition.
        package var partition: Int32 = 0
        /// The bytes of its log.
        package var byteCount: Int64 = 0
        /// How many records it is behind the one that it will replace, or behind its leader.
        package var offsetLag: Int64 = 0
        /// Whether it is being moved here from another directory.
        package var isFuture = false

        package init() {}

        package init(partition: Int32, byteCount: Int64) {
            self.partition = partition
            self.byteCount = byteCount
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.int32(&partition)
            try coder.int64(&byteCount)
            try coder.int64(&offsetLag)
            try coder.bool(&isFuture)
            try coder.taggedFields()
        }
    }

    package typealias Topic = TopicPartitions<Partition>

    /// One directory.
    package struct Directory: WireFields {
        /// The outcome for the directory.
        package var errorCode = ErrorCode.none
        /// Its path.
        package var path = ""
        /// What is in it.
        package var topics: [Topic] = []
        /// The bytes of the volume that it is on; -1 where they are unknown.
        package var totalByteCount: Int64 = -1
        /// The bytes of the volume that are free; -1 where they are unknown.
        package var usableByteCount: Int64 = -1

        package init() {}

        package init(path: String, topics: [Topic] = []) {
            self.path = path
            self.topics = topics
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.errorCode(&errorCode)
            try coder.string(&path)
            try coder.array(&topics)
            if coder.version >= 4 {
                try coder.int64(&totalByteCount)
                try coder.int64(&usableByteCount)
            }
            try coder.taggedFields()
        }
    }

    /// How long the client must wait before its next request. No quotas are enforced here: 0.
    package var throttleMilliseconds: Int32 = 0
    /// The outcome.
    package var errorCode = ErrorCode.none
    /// The directories.
    package var directories: [Directory] = []

    package init() {}

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.int32(&throttleMilliseconds)
        if coder.version >= 3 { try coder.errorCode(&errorCode) }
        try coder.array(&directories)
        try coder.taggedFields()
    }
}
