package import Community

/// What one run of the source really put into the topics, so that an audit can compare it with what was filed.
///
/// `topics` and `users` count acknowledged records alone. Records of unknown fate are kept apart, in each topic's
/// ``TopicTruth/unresolved`` and in ``unresolvedUsers``: what is filed lies between `users` and the sum of both. After a
/// run without trouble there are none, and the numbers must match exactly.
///
/// Bad records (see `Dirt`) are counted like all others: ``RecordTotals`` tells what is filed, filtered and set aside of
/// them, and ``TopicTruth/dirt`` how they were bad.
package struct GroundTruth: Codable, Equatable, Sendable {
    /// How a run ended.
    package enum Outcome: String, Codable, Sendable {
        /// The run goes on, or its process died: the numbers are not there.
        case running
        /// All that was to be sent was sent.
        case completed
        /// It was told to stop before; all that was sent is accounted for.
        case interrupted
        /// See ``GroundTruth/failure``.
        case failed
    }

    /// The run's name, and its file's without the extension.
    package var run: String
    package var outcome: Outcome
    /// Why the run failed.
    package var failure: String?
    /// Where the random numbers began.
    package var seed: UInt64
    /// The initial size.
    package var initialSize: Int
    /// How many records of the sequence came from earlier runs: they are in none of the numbers.
    package var skippedCount = 0
    /// The runs that crashed before this one, and whose records in the topics this one has all passed over: no later
    /// run needs to look for them. `nil`: none.
    package var crashedRunsPassed: [String]?
    /// The boot of the source's machine that the run ran under; `nil` where it is not known. Another boot may follow a
    /// power cut, which leaves gaps in the offsets.
    package var bootID: String?
    /// The day at which ages were taken, `YYYY-MM-DD`.
    package var referenceDate: String
    /// What differed from the original's community, by the names of the command line's options; `nil`: nothing. A run with
    /// other dials has another sequence of records.
    package var dials: [String: String]?
    /// The personas' names; the number of a user's persona is the place in here, from 1. `nil`: there were none.
    package var personas: [String]?
    /// When the run began, in milliseconds since 1970-01-01T00:00Z.
    package var startedAtMilliseconds: Int64
    /// When it ended; `nil` while it runs.
    package var endedAtMilliseconds: Int64?
    /// In the order of ``CommunityTopic/allCases``.
    package var topics: [TopicTruth] = CommunityTopic.allCases.map { TopicTruth(topic: $0.name) }
    /// Acknowledged records by topic and by the hour of their time, in order: first all hours of one topic.
    package var hours: [HourTruth] = []
    /// Users with at least one acknowledged behaviour or prize, in the order they joined; where there are personas, all.
    package var users: [UserTruth] = []
    /// The same of the records of unknown fate; users without any are left out.
    package var unresolvedUsers: [UserTruth] = []

    /// What is coded is the run; hours and users have lines of their own in its file, see ``write(to:)``.
    private enum CodingKeys: String, CodingKey {
        case run, outcome, failure, seed, initialSize, skippedCount, crashedRunsPassed, bootID, referenceDate
        case dials, personas
        case startedAtMilliseconds, endedAtMilliseconds, topics
    }

    /// A run that begins.
    package init(run: String, configuration: CommunityConfiguration, startedAtMilliseconds: Int64) {
        self.run = run
        outcome = .running
        seed = configuration.seed
        initialSize = configuration.initialSize
        referenceDate = "\(configuration.referenceDate)"
        dials = configuration.dials.isEmpty ? nil : configuration.dials
        let names = Persona.all.prefix(configuration.personas).map(\.name)
        personas = names.isEmpty ? nil : names
        self.startedAtMilliseconds = startedAtMilliseconds
    }

    /// The truth of one topic.
    package subscript(topic: CommunityTopic) -> TopicTruth {
        get { topics[topic.index] }
        set { topics[topic.index] = newValue }
    }

    /// All records that the broker acknowledged.
    package var acknowledgedCount: Int { topics.reduce(0) { $0 + $1.acknowledged.count } }
    /// All records of unknown fate.
    package var unresolvedCount: Int { topics.reduce(0) { $0 + $1.unresolved.count } }
    /// How many records of the sequence were made by the end of this run, earlier runs' included.
    package var producedCount: Int { skippedCount + acknowledgedCount + unresolvedCount + rejectedCount }
    /// All records that are not in their topic.
    package var rejectedCount: Int { topics.reduce(0) { $0 + $1.rejected.count } }
}

/// What a run knows of one topic.
package struct TopicTruth: Equatable, Codable, Sendable {
    /// The topic's name.
    package let topic: String
    /// Which of the topics that have had this name: its id, where the broker tells it. A topic that was deleted and made
    /// again has another one, and nothing of what this says.
    package var topicID: String?
    /// Records that the broker acknowledged: they are in the topic, each once.
    package var acknowledged = RecordTotals()
    /// Records that may or may not be in the topic: the connection broke or the request timed out before the
    /// acknowledgement.
    package var unresolved = RecordTotals()
    /// Records that are not in the topic: the broker refused them, or they never left.
    package var rejected = RecordTotals()
    /// Acknowledged records by partition, beginning with partition 0. They sum to ``acknowledged``.
    package var acknowledgedByPartition: [Int] = []
    /// Of the acknowledged records, those that are bad, by kind, in the order of `Dirt.allCases`; `nil`: none.
    package var dirt: [DirtTruth]?
    /// By partition: the lines that the acknowledged records are in the files. `nil` in a file of version 1 or 2, and in a
    /// run that has no numbers.
    package var digests: [LineDigest]?
    /// Acknowledged records that are in no hour of ``GroundTruth/hours``: they got the time of their sending, and this was
    /// within a second of a full hour. `nil`: none.
    package var undated: RecordTotals?

    package init(topic: String) {
        self.topic = topic
    }

    /// Whether this is about the topic that has this id now; where either is unknown, it is taken to be.
    package func isAbout(topicWithID id: String?) -> Bool {
        topicID == nil || id == nil || topicID == id
    }
}

/// How many records of a topic were bad in one way.
package struct DirtTruth: Equatable, Codable, Sendable {
    /// A `Dirt`'s name.
    package let kind: String
    package let acknowledged: RecordTotals

    package init(kind: String, acknowledged: RecordTotals) {
        self.kind = kind
        self.acknowledged = acknowledged
    }
}

/// The records of a topic whose times lie in one hour.
package struct HourTruth: Equatable, Sendable {
    package let topic: CommunityTopic
    /// Hours since 1970-01-01T00:00Z.
    package let hour: Int32
    package let acknowledged: RecordTotals

    package init(topic: CommunityTopic, hour: Int32, acknowledged: RecordTotals) {
        self.topic = topic
        self.hour = hour
        self.acknowledged = acknowledged
    }
}

/// What a run's records say of one user.
package struct UserTruth: Equatable, Sendable {
    /// `id_utente`.
    package let id: String
    /// Rewards and prices.
    package let sums: TokenSums
    /// The number of the persona, from 1; `nil`: there were none.
    package let persona: Int?

    package init(id: String, sums: TokenSums, persona: Int? = nil) {
        self.id = id
        self.sums = sums
        self.persona = persona
    }
}
