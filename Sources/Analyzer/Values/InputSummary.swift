/// What was read, and what was left out.
package struct InputSummary: Equatable, Sendable, Codable {
    /// One topic of the raw zone.
    package struct Topic: Equatable, Sendable, Codable {
        package let topic: RawZoneTopic
        package let files: Int
        package let bytes: Int
        /// Rows that count.
        package let rows: Int
        package let badLines: Int
    }

    /// The raw zone's directory, below the storage.
    package let topicsDirectory: String
    package let topics: [Topic]
    /// The first of the bad lines, with their places.
    package let badLines: [BadLine]
    /// Rows in files whose directories name no hour or day.
    package let rowsWithoutTime: Int
    /// What a reader should know before believing the numbers, in sentences.
    package let notices: [String]

    package var files: Int { topics.reduce(0) { $0 + $1.files } }
    package var bytes: Int { topics.reduce(0) { $0 + $1.bytes } }
    package var rows: Int { topics.reduce(0) { $0 + $1.rows } }
    package var badLineCount: Int { topics.reduce(0) { $0 + $1.badLines } }
}
