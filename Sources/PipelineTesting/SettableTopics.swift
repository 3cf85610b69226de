package import ConnectAPI

/// A cluster's topics as a sink task asks about them, set by a test.
package final class SettableTopics: SinkTaskContext {
    /// The id of each topic that is there.
    package var ids: [String: String]
    /// What each question throws.
    package var failure: SinkTaskError?
    /// How often a question was asked.
    package private(set) var questions = 0

    package init(_ ids: [String: String] = [:]) {
        self.ids = ids
    }

    package func topicID(of topic: String) async throws(SinkTaskError) -> String? {
        questions += 1
        if let failure { throw failure }
        return ids[topic]
    }
}
