/// How a producer sends.
package struct ProducerConfiguration: Sendable {
    /// Which acknowledgement counts.
    package enum Acknowledgements: String, Sendable {
        /// None: a record is taken for acknowledged once it is sent. May lose records.
        case none = "0"
        /// The partition's leader. May lose records when a leader dies.
        case leader = "1"
        /// All replicas in sync.
        case all = "all"
    }

    package var client: ClientConfiguration
    package var acknowledgements: Acknowledgements = .all
    /// Whether the broker drops what a retry would write twice; needs `acknowledgements` to be `.all`.
    package var isIdempotent = true
    /// `none`, `gzip`, `snappy`, `lz4` or `zstd`.
    package var compression = "none"
    /// How long a record waits for others to share a request with (`linger.ms`).
    package var linger = Duration.milliseconds(Limits.lingerMilliseconds)
    /// After which time a record that is not acknowledged has failed (`message.timeout.ms`).
    package var deliveryTimeout = Duration.milliseconds(Limits.deliveryTimeoutMilliseconds)
    /// The most records not acknowledged; senders wait beyond it (`queue.buffering.max.messages`).
    package var recordsInFlightMax = Limits.producerRecordsMax
    /// The most kilobytes not acknowledged; senders wait beyond it (`queue.buffering.max.kbytes`).
    package var kilobytesInFlightMax = Limits.producerKilobytesMax
    /// Who is told librdkafka's statistics, and how often; `nil`: nobody, and it makes none.
    package var statistics: StatisticsReporting?

    package init(client: ClientConfiguration) {
        self.client = client
    }

    /// - Parameter bootstrap: the brokers to start from, each as `host:port`.
    package init(bootstrap: [String], properties: [String: String] = [:]) {
        self.init(client: ClientConfiguration(bootstrap: bootstrap, properties: properties))
    }

    /// As librdkafka's properties.
    func properties() throws(KafkaClientError) -> ClientProperties {
        guard !isIdempotent || acknowledgements == .all else {
            throw KafkaClientError(
                .badConfiguration,
                "cannot make a Kafka producer: isIdempotent needs acknowledgements of all replicas, "
                    + "not '\(acknowledgements.rawValue)'; set acknowledgements to all or isIdempotent to false"
            )
        }
        let reporting = statistics.map { ["statistics.interval.ms": String($0.interval.milliseconds)] }
        return try ClientProperties(
            client,
            defaults: [
                "acks": acknowledgements.rawValue,
                "enable.idempotence": isIdempotent ? "true" : "false",
                "compression.type": compression,
                "linger.ms": String(linger.milliseconds),
                "message.timeout.ms": String(deliveryTimeout.milliseconds),
                "queue.buffering.max.messages": String(recordsInFlightMax),
                "queue.buffering.max.kbytes": String(kilobytesInFlightMax),
                "topic.metadata.propagation.max.ms": String(Limits.topicPropagationMilliseconds),
                // Where Java's and Python's clients would put the key.
                "partitioner": "murmur2_random",
            ],
            fixed: reporting ?? [:]
        )
    }
}

extension Duration {
    /// Whole milliseconds, rounded down.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
}
