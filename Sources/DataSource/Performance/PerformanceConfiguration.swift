import Community
package import KafkaClient
import PlainText

/// Bounds of what can be asked for.
package enum PerformanceLimits {
    package static let stepsMax = 500
    package static let producers = 1...Limits.parallelismMax
    package static let recordBytes = 1...10_000_000
    package static let batchBytes = 1_000...100_000_000
    package static let partitions = 1...1_000
    package static let lingers = Duration.zero...Duration.seconds(60)
    package static let durations = Duration.milliseconds(100)...Duration.seconds(3_600)
    package static let warmUps = Duration.zero...Duration.seconds(600)
    package static let timeLimits = Duration.seconds(1)...Duration.seconds(86_400)
    /// Bytes of made records that a step sends again and again: more than any codec remembers.
    static let loadBytes = 4_000_000
    /// The most such records: each takes 16 bytes beside its own.
    static let loadRecordsMax = 131_072
    /// The most records and bytes that a producer is handed at a time.
    static let batchRecordsMax = 1_024
    static let handedBytesMax = 262_144
}

/// What a performance test varies, one value of each at a time, and what bounds it.
package struct PerformanceConfiguration: Sendable {
    /// Properties of librdkafka that the steps set themselves, so that the table says what was measured.
    package static let varied: [String: String] = [
        "acks": "--acks", "request.required.acks": "--acks", "enable.idempotence": "--acks",
        "compression.type": "--compression", "compression.codec": "--compression", "batch.size": "--batch",
        "linger.ms": "--linger", "queue.buffering.max.ms": "--linger",
    ]

    package var client: ClientConfiguration
    /// The topic that is sent to; `nil`: one that is made and removed.
    package var topic: String?
    /// How many partitions the test's own topic gets.
    package var partitions = 6
    package var producers = [1, 2, 4]
    package var recordBytes = [150]
    package var acknowledgements: [ProducerConfiguration.Acknowledgements] = [.all]
    /// Names of codecs, as librdkafka knows them.
    package var compressions = ["none"]
    package var batchBytes = [1_000_000]
    package var lingers = [Duration.milliseconds(5)]
    /// How long a step is measured, and how long it sends before.
    package var duration = Duration.seconds(5)
    package var warmUp = Duration.seconds(1)
    /// After which time no step begins that would not end within it.
    package var timeLimit = Duration.seconds(600)
    /// Where the random numbers of the records begin.
    package var seed: UInt64 = 42
    /// When the test begins, in milliseconds since 1970-01-01T00:00Z; names its own topic.
    package var startedAtMilliseconds: Int64

    package init(client: ClientConfiguration, startedAtMilliseconds: Int64) {
        self.client = client
        self.startedAtMilliseconds = startedAtMilliseconds
    }

    /// How long the steps take, if nothing is slower than it should be.
    package var plannedTime: Duration { (warmUp + duration) * stepCount }

    package var stepCount: Int {
        [
            producers.count, recordBytes.count, acknowledgements.count, compressions.count, batchBytes.count,
            lingers.count,
        ].reduce(1) { count, next in
            let (product, overflows) = count.multipliedReportingOverflow(by: next)
            return overflows ? .max : product
        }
    }

    /// The steps, those that differ in the number of producers alone beside each other.
    package var steps: [PerformanceSettings] {
        var steps: [PerformanceSettings] = []
        for bytes in recordBytes {
            for acks in acknowledgements {
                for compression in compressions {
                    for batch in batchBytes {
                        for linger in lingers {
                            steps += producers.map {
                                PerformanceSettings(
                                    producers: $0,
                                    recordBytes: bytes,
                                    acks: acks.rawValue,
                                    compression: compression,
                                    batchBytes: batch,
                                    lingerMilliseconds: Int(linger / .milliseconds(1))
                                )
                            }
                        }
                    }
                }
            }
        }
        return steps
    }

    /// Why the test cannot be made; `nil` where it can.
    package var problem: String? {
        if stepCount < 1 { return "there is nothing to measure; give each list one value at least" }
        if stepCount > PerformanceLimits.stepsMax {
            return
                "it has more than \(PerformanceLimits.stepsMax) steps; give fewer values, or measure them in several tests"
        }
        if let topic {
            if CommunityTopic.allCases.contains(where: { $0.name == topic }) {
                return "the topic '\(topic)' is the community's, and what this test sends is no event; "
                    + "leave out --topic, and it makes a topic of its own"
            }
            if topic.hasPrefix("__") { return "the topic '\(topic)' is Kafka's own; leave out --topic" }
        }
        if let name = client.properties.keys.sorted().first(where: { Self.varied[$0] != nil }) {
            return "the property \(name) is set by the test itself; give it with \(Self.varied[name] ?? "a flag")"
        }
        guard plannedTime <= timeLimit else {
            return "its \(stepCount) steps take \(plannedTime.shortText), and --time-limit is \(timeLimit.shortText); "
                + "give fewer values, a shorter --duration, or more time"
        }
        return nil
    }
}

/// What one step of a performance test is made with.
package struct PerformanceSettings: Codable, Hashable, Sendable {
    package let producers: Int
    /// Bytes of a record's value; there is no key.
    package let recordBytes: Int
    /// `all`, `1` or `0`.
    package let acks: String
    package let compression: String
    package let batchBytes: Int
    package let lingerMilliseconds: Int

    /// What tells this step's series from those of others, in words; all of its settings where there are no others.
    package func words(among others: [PerformanceSettings]) -> String {
        func differs(_ value: (PerformanceSettings) -> some Equatable) -> Bool {
            others.contains { value($0) != value(self) }
        }
        let all = [
            (differs(\.recordBytes), "\(NumberText.whole(recordBytes))-byte records"),
            (differs(\.acks), "acks \(acks)"),
            (differs(\.compression), "compression \(compression)"),
            (differs(\.batchBytes), "batches up to \(NumberText.whole(batchBytes)) bytes"),
            (differs(\.lingerMilliseconds), "linger \(lingerMilliseconds) ms"),
        ]
        let varied = all.filter(\.0)
        return (varied.isEmpty ? all : varied).map(\.1).joined(separator: ", ")
    }

    /// Whether two steps differ in the number of producers alone.
    package func isOfSeries(_ other: PerformanceSettings) -> Bool {
        (recordBytes, acks, compression) == (other.recordBytes, other.acks, other.compression)
            && (batchBytes, lingerMilliseconds) == (other.batchBytes, other.lingerMilliseconds)
    }

    /// How a producer of this step sends.
    func producer(_ client: ClientConfiguration) -> ProducerConfiguration {
        var client = client
        // A batch ends by its bytes alone, and may be as large as it is asked to be.
        client.properties.merge([
            "batch.size": String(batchBytes),
            "batch.num.messages": "1000000",
            "message.max.bytes": String(max(1_000_000, batchBytes, recordBytes + 1_024)),
        ]) { given, _ in given }
        var producer = ProducerConfiguration(client: client)
        producer.acknowledgements = .init(rawValue: acks) ?? .all
        producer.isIdempotent = producer.acknowledgements == .all
        producer.compression = compression
        producer.linger = .milliseconds(lingerMilliseconds)
        return producer
    }
}

extension Duration {
    /// In the largest unit that it is a whole number of, as it is given on the command line: `90s`, `5m`, `100ms`.
    package var shortText: String {
        let milliseconds = Int(self / .milliseconds(1))
        for (unit, suffix) in [(3_600_000, "h"), (60_000, "m"), (1_000, "s")]
        where milliseconds > 0 && milliseconds.isMultiple(of: unit) {
            return "\(milliseconds / unit)\(suffix)"
        }
        return "\(milliseconds)ms"
    }
}
