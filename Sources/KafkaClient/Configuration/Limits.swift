/// The bounds of every queue, buffer and wait of this module. Extra librdkafka properties may override those that
/// have a property's name behind them.
package enum Limits {
    // Producer.

    /// The most records a producer holds that are not acknowledged yet (`queue.buffering.max.messages`).
    package static let producerRecordsMax = 50_000
    /// The most kilobytes of such records (`queue.buffering.max.kbytes`).
    package static let producerKilobytesMax = 65_536
    /// How long a record may wait for its acknowledgement (`message.timeout.ms`).
    package static let deliveryTimeoutMilliseconds = 30_000
    /// How long a record waits for others to share a request with (`linger.ms`).
    package static let lingerMilliseconds = 5
    /// How long a topic may take to appear in the cluster's metadata (`topic.metadata.propagation.max.ms`).
    package static let topicPropagationMilliseconds = 5_000
    /// How many records one call into librdkafka takes: the scratch array for them has 80 bytes for each.
    package static let producerChunkRecords = 1024
    /// The most records one batch may have: its record numbers travel in 32 bits.
    package static let batchRecordsMax = 16_777_216
    /// The most bytes one batch may have: places in it are kept in 32 bits.
    package static let batchBytesMax = Int(Int32.max)

    // Consumer.

    /// The most kilobytes fetched ahead of the receiver (`queued.max.messages.kbytes`).
    package static let consumerKilobytesMax = 16_384
    /// Below how many records fetched ahead the next fetch is sent (`queued.min.messages`).
    package static let consumerRecordsAhead = 50_000
    /// How long a reminder to fetch on waits for its answer.
    static let reminderTimeoutMilliseconds: Int32 = 1_000
    /// How long a consumer waits for the metadata of topics before it looks offsets up without.
    static let learningTimeoutMilliseconds: Int32 = 500
    /// The most bytes of one partition in one fetch answer (`fetch.message.max.bytes`).
    package static let fetchPartitionBytesMax = 4_194_304
    /// How long a broker may wait for records before it answers with none (`fetch.wait.max.ms`).
    package static let fetchWaitMilliseconds = 100
    /// The most records of one batch that is lent to the receiver.
    package static let consumerBatchRecords = 8192
    /// How long a receiver may work on one event before its partitions go to others (`max.poll.interval.ms`).
    package static let receiverTimeoutMilliseconds = 300_000
    /// How long a member may be silent before the group takes its partitions away (`session.timeout.ms`).
    package static let sessionTimeoutMilliseconds = 10_000

    /// How long leaving the group may take before the consumer is given up.
    package static let closeTimeout = Duration.seconds(5)
    /// How long a commit may take that a consumer makes before it gives partitions up.
    package static let closingCommitMilliseconds: Int32 = 3_000

    // Both.

    /// How many requests to the cluster wait for their answers at once; more are queued.
    static let questionsAtOnce = 4
    /// How long one request to the cluster may take: metadata, offsets, topics, commits.
    package static let requestTimeoutMilliseconds: Int32 = 10_000
    /// How much longer than the request itself its answer may take inside librdkafka.
    static let answerGraceMilliseconds: Int32 = 1_000
    /// How long after librdkafka's report that every broker is down `whenUnreachable: .fail` gives up.
    package static let unreachableGrace = Duration.seconds(2)
    /// How long the set-up of a connection may take (`socket.connection.setup.timeout.ms`).
    package static let connectionTimeoutMilliseconds = 10_000
    /// How many events are taken in one turn before other tasks may run.
    static let eventsPerTurn = 64
    /// The bytes of librdkafka's error texts.
    static let errorTextBytes = 512
}
