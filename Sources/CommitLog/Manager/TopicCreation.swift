import KafkaTopics

/// A topic to be created.
package struct NewTopic: Sendable {
    package var name: String
    package var partitionCount: Int32
    /// Settings by Kafka's names; see ``LogConfiguration/applying(_:)``.
    package var overrides: [String: String]

    package init(_ name: String, partitions count: Int32, overrides: [String: String] = [:]) {
        self.name = name
        partitionCount = count
        self.overrides = overrides
    }
}

/// Decides which of several topics can be created together, beside those that exist and one another. It changes nothing but
/// itself.
struct TopicCreation {
    /// A topic that can be created.
    struct Accepted {
        let topic: TopicMetadata
        let configuration: LogConfiguration
    }

    private(set) var accepted: [Accepted] = []
    private var refused: [String: LogError] = [:]
    /// All names so far, by how metrics have them.
    private var names: [String: String]
    /// Without those of internal topics.
    private var partitionCount: Int
    private let partitionsMax: Int
    private let defaults: LogConfiguration

    init(beside list: TopicList, partitionsMax: Int, defaults: LogConfiguration) {
        names = Dictionary(list.topics.keys.map { (TopicName.metricName(of: $0), $0) }) { first, _ in first }
        partitionCount = list.partitionCount
        self.partitionsMax = partitionsMax
        self.defaults = defaults
    }

    /// All partitions of the accepted topics.
    var partitions: [TopicPartition] { accepted.flatMap(\.topic.partitions) }

    /// Accepts or refuses a topic.
    ///
    /// - Parameter checkFree: Throws where something is in the way of these partitions.
    mutating func add(
        _ wanted: NewTopic,
        isInternal: Bool,
        checkFree: ([TopicPartition]) throws(LogError) -> Void
    ) {
        do throws(LogError) {
            let topic = TopicMetadata(
                name: wanted.name,
                partitionCount: wanted.partitionCount,
                overrides: wanted.overrides,
                isInternal: isInternal
            )
            let configuration = try check(topic)
            try checkFree(topic.partitions)
            names[TopicName.metricName(of: topic.name)] = topic.name
            if !isInternal { partitionCount += Int(topic.partitionCount) }
            accepted.append(Accepted(topic: topic, configuration: configuration))
        } catch {
            refused[wanted.name] = refused[wanted.name] ?? error
        }
    }

    private func check(_ topic: TopicMetadata) throws(LogError) -> LogConfiguration {
        if let problem = TopicName.problem(with: topic.name) { throw LogError(.invalidTopic, problem) }
        guard topic.partitionCount >= 1, topic.partitionCount <= LogLimits.partitionsPerTopicMax else {
            throw LogError(
                .invalidTopic,
                "a topic has 1 to \(LogLimits.partitionsPerTopicMax) partitions, not \(topic.partitionCount)"
            )
        }
        let configuration = try defaults.applying(topic.overrides)
        if let other = names[TopicName.metricName(of: topic.name)] {
            guard other != topic.name else { throw LogError(.topicExists, "there is a topic '\(other)' already") }
            throw LogError(
                .invalidTopic,
                "the name differs from that of the topic '\(other)' only in dots and underscores, which metrics cannot tell "
                    + "apart"
            )
        }
        guard topic.isInternal || names.count < LogLimits.topicsMax else {
            throw LogError(.invalidTopic, "there are \(LogLimits.topicsMax) topics already, which is the most")
        }
        try Self.checkLimit(adding: topic.partitionCount, to: partitionCount, partitionsMax: partitionsMax)
        return configuration
    }

    /// - Throws: ``LogError/Code/limitReached`` where all partitions together would be too many.
    static func checkLimit(adding count: Int32, to existing: Int, partitionsMax: Int) throws(LogError) {
        guard existing + Int(count) <= partitionsMax else {
            throw LogError(
                .limitReached,
                "there are \(existing) partitions, and \(partitionsMax) is the most for all topics together"
            )
        }
    }

    /// What became of each topic by name, where the creation of all that were accepted ended so.
    func outcome(_ result: Result<Void, LogError>) -> [String: Result<TopicMetadata, LogError>] {
        var outcome = refused.mapValues { Result<TopicMetadata, LogError>.failure($0) }
        for made in accepted { outcome[made.topic.name] = result.map { made.topic } }
        return outcome
    }
}
