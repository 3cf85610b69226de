import KafkaClient
import Logging

/// Warns once about each topic that no sink files: an event sent to a misspelt topic would otherwise
/// go unnoticed. Clients make topics at any time, so it looks again and again.
struct UnfiledTopics: Sendable {
    /// How often it looks.
    static let interval = Duration.seconds(15)

    /// The topics that the sink files.
    let filed: Set<String>
    /// The topic for records that are set aside.
    let deadLetterTopic: String
    let logger: Logger
    var interval = Self.interval

    /// Looks until graceful shutdown.
    func watch(bootstrap: String) async throws {
        try await withAdmin(ClientConfiguration(bootstrap: [bootstrap]), logger: logger) { admin in
            var known: Set<String> = []
            while !Task.isCancelled {
                for topic in try await admin.topics().map(\.name) where isUnfiled(topic) {
                    guard known.insert(topic).inserted else { continue }
                    logger.warning(
                        "no sink files this topic; is its name misspelt? The sink files \(filed.sorted().joined(separator: ", "))",
                        metadata: [LogKeys.topic: "\(topic)"]
                    )
                }
                try await Task.sleep(for: interval)
            }
        }
    }

    /// Whether no sink files `topic` though a user may expect it: Kafka's own topics and the dead letter queue are not
    /// meant to be filed.
    func isUnfiled(_ topic: String) -> Bool {
        !filed.contains(topic) && topic != deadLetterTopic && !topic.hasPrefix("__")
    }
}
