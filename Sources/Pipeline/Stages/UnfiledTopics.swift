import KafkaClient
import Logging

/// Warns once about each topic that no sink files: an event sent to a misspelt topic would otherwise
/// disappear without a word. Topics come by themselves, so it goes on looking.
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

    /// Whether events in `topic` are filed by nobody though somebody may expect it: Kafka's own topics and the dead letter
    /// queue are not meant to be filed.
    func isUnfiled(_ topic: String) -> Bool {
        !filed.contains(topic) && topic != deadLetterTopic && !topic.hasPrefix("__")
    }
}
