/// Deletes topics with all their records.
package struct DeleteTopicsRequest: WireRequest {
    package static var api: APIKey { .deleteTopics }

    /// The names of the topics.
    package var names: [String] = []
    /// How long the client waits.
    package var timeoutMilliseconds: Int32 = 0

    package init() {}

    package init(names: [String], timeoutMilliseconds: Int32 = 0) {
        self.names = names
        self.timeoutMilliseconds = timeoutMilliseconds
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.array(&names)
        try coder.int32(&timeoutMilliseconds)
        try coder.taggedFields()
    }
}
