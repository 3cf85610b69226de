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

        package init(topic: RawZoneTopic, files: Int, bytes: Int, rows: Int, badLines: Int) {
            self.topic = topic
            self.files = files
            self.bytes = bytes
            self.rows = rows
            self.badLines = badLines
        }
    }

    /// Lines that were left out for one cause.
    package struct BadLineCause: Equatable, Sendable, Codable {
        package let topic: RawZoneTopic
        /// As in ``BadLine/reason``.
        package let reason: String
        package let lines: Int

        package init(topic: RawZoneTopic, reason: String, lines: Int) {
            self.topic = topic
            self.reason = reason
            self.lines = lines
        }
    }

    /// Rows that count although one of their fields is unusable.
    package struct UnknownField: Equatable, Sendable, Codable {
        package let topic: RawZoneTopic
        package let field: String
        /// What is wrong with it: `is null`.
        package let reason: String
        package let rows: Int

        package init(topic: RawZoneTopic, field: String, reason: String, rows: Int) {
            self.topic = topic
            self.field = field
            self.reason = reason
            self.rows = rows
        }
    }

    /// The raw zone's directory, below the storage.
    package let topicsDirectory: String
    package let topics: [Topic]
    /// The first of the bad lines, with their places.
    package let badLines: [BadLine]
    /// All of the bad lines, by topic and cause: the most frequent first.
    package let badLineCauses: [BadLineCause]
    /// By topic, field and cause.
    package let unknownFields: [UnknownField]
    /// Fields with more different values than the analysis lists.
    package let folds: [Fold]
    /// Rows in files whose directories name no hour or day.
    package let rowsWithoutTime: Int
    /// What a reader should know about the numbers, in sentences.
    package var notices: [String]

    package init(
        topicsDirectory: String,
        topics: [Topic],
        badLines: [BadLine],
        badLineCauses: [BadLineCause],
        unknownFields: [UnknownField],
        folds: [Fold],
        rowsWithoutTime: Int,
        notices: [String]
    ) {
        self.topicsDirectory = topicsDirectory
        self.topics = topics
        self.badLines = badLines
        self.badLineCauses = badLineCauses
        self.unknownFields = unknownFields
        self.folds = folds
        self.rowsWithoutTime = rowsWithoutTime
        self.notices = notices
    }

    package var files: Int { topics.reduce(0) { $0 + $1.files } }
    package var bytes: Int { topics.reduce(0) { $0 + $1.bytes } }
    package var rows: Int { topics.reduce(0) { $0 + $1.rows } }
    package var badLineCount: Int { topics.reduce(0) { $0 + $1.badLines } }
}

/// The values of a field that have no entry of their own and are counted together under ``CategoryName/other``, since
/// there are more than there is room for. The most frequent ones keep their entries.
package struct Fold: Equatable, Sendable, Codable {
    package let field: String
    /// How many different values are folded.
    package let values: Int
    /// Events (of partners, behaviours and prizes) or users (of sexes and provinces) that have one of them.
    package let rows: Int

    package init(field: String, values: Int, rows: Int) {
        self.field = field
        self.values = values
        self.rows = rows
    }
}

/// A line of the raw zone that the analysis leaves out.
package struct BadLine: Hashable, Sendable, Codable {
    /// Path of the file, from the raw zone's directory.
    package let file: String
    /// Its line, the first being 1.
    package let line: Int
    /// What is wrong with it.
    package let reason: String

    package init(file: String, line: Int, reason: String) {
        self.file = file
        self.line = line
        self.reason = reason
    }
}

/// The topics that an analysis reads, by their names in the raw zone.
package enum RawZoneTopic: String, CaseIterable, Sendable, Codable {
    /// Users.
    case utenti
    /// Behaviours, which earn tokens.
    case comportamenti
    /// Prizes, which cost tokens.
    case premi
}
