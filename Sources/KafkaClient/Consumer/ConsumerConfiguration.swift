/// How a consumer reads.
package struct ConsumerConfiguration: Sendable {
    /// How a group changes its assignment.
    package enum Rebalancing: Sendable {
        /// All partitions are revoked and assigned again.
        case eager
        /// Only partitions that move to another member are revoked.
        case cooperative
    }

    package var client: ClientConfiguration
    /// The consumer group; `nil`: the consumer reads what `assign` names and commits nothing.
    package var group: String?
    package var offsetReset = OffsetReset.earliest
    package var rebalancing = Rebalancing.eager
    /// Whether `endOfPartition` events are sent.
    package var reportsEndOfPartition = false
    /// Whether records of transactions that are still open or were aborted are hidden (`isolation.level`).
    package var readsCommittedOnly = true
    /// How long the receiver may work on one event before the group gives its partitions to others
    /// (`max.poll.interval.ms`).
    package var receiverTimeout = Duration.milliseconds(Limits.receiverTimeoutMilliseconds)
    /// How long this member may be silent before the group gives its partitions to others (`session.timeout.ms`).
    package var sessionTimeout = Duration.milliseconds(Limits.sessionTimeoutMilliseconds)
    /// The most kilobytes fetched ahead of the receiver (`queued.max.messages.kbytes`).
    package var kilobytesAheadMax = Limits.consumerKilobytesMax
    /// Below how many records ahead the next fetch is sent (`queued.min.messages`).
    package var recordsAhead = Limits.consumerRecordsAhead
    /// The most bytes of one partition in one fetch answer (`fetch.message.max.bytes`); a larger batch comes whole.
    package var fetchPartitionBytesMax = Limits.fetchPartitionBytesMax
    /// The most records of one batch.
    package var batchRecordsMax = Limits.consumerBatchRecords

    package init(client: ClientConfiguration, group: String? = nil) {
        self.client = client
        self.group = group
    }

    /// - Parameter bootstrap: the brokers to start from, each as `host:port`.
    package init(bootstrap: [String], group: String? = nil, properties: [String: String] = [:]) {
        self.init(client: ClientConfiguration(bootstrap: bootstrap, properties: properties), group: group)
    }

    /// librdkafka requires a group id even where the consumer never uses the group.
    private static let nameOfNoGroup = "hera-without-group"

    /// As librdkafka's properties.
    func properties() throws(KafkaClientError) -> ClientProperties {
        // librdkafka demands it.
        guard receiverTimeout >= sessionTimeout else {
            throw KafkaClientError(
                .badConfiguration,
                "cannot make a Kafka consumer: receiverTimeout (\(receiverTimeout)) is shorter than sessionTimeout "
                    + "(\(sessionTimeout)); make it at least as long"
            )
        }
        var defaults = FetchReminder.isNeeded ? [:] : ["fetch.queue.backoff.ms": "10"]
        defaults.merge(
            [
                "auto.offset.reset": offsetReset.librdkafkaName,
                "partition.assignment.strategy":
                    rebalancing == .cooperative ? "cooperative-sticky" : "range,roundrobin",
                "isolation.level": readsCommittedOnly ? "read_committed" : "read_uncommitted",
                "max.poll.interval.ms": String(receiverTimeout.milliseconds),
                "session.timeout.ms": String(sessionTimeout.milliseconds),
                "heartbeat.interval.ms": String(max(1, min(3_000, sessionTimeout.milliseconds / 3))),
                "queued.max.messages.kbytes": String(kilobytesAheadMax),
                "queued.min.messages": String(recordsAhead),
                "fetch.message.max.bytes": String(fetchPartitionBytesMax),
                "fetch.wait.max.ms": String(Limits.fetchWaitMilliseconds),
                // A partition that was just empty, or one that is behind a full queue, is asked again soon.
                "fetch.error.backoff.ms": "100",
                "check.crcs": "true",
            ]
        ) { _, ours in ours }
        return try ClientProperties(
            client,
            defaults: defaults,
            fixed: [
                "group.id": group ?? Self.nameOfNoGroup,
                // The receiver commits: what it has not finished is never committed.
                "enable.auto.commit": "false",
                "enable.auto.offset.store": "false",
                "enable.partition.eof": reportsEndOfPartition ? "true" : "false",
            ]
        )
    }
}
