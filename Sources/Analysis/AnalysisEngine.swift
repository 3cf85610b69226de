import ExactValues

/// What makes an analysis: the embedded analyzer, or the same rules on a cluster.
///
/// Every engine gives the same numbers for the same files and options, takes its choice of k from ``ElbowRule`` and its
/// words from ``SegmentNaming``.
package protocol AnalysisEngine: Sendable {
    /// Analyses everything that is filed.
    ///
    /// - Parameter onProgress: called with how much of a stage is done, from any task.
    func analyze(
        _ options: AnalysisOptions,
        onProgress: @escaping @Sendable (AnalysisProgress) -> Void
    ) async throws(AnalysisError) -> AnalysisResult
}

/// How much of a stage of an analysis is done.
package struct AnalysisProgress: Hashable, Sendable {
    /// A pass over all files, or the search for segments.
    package enum Stage: String, Hashable, Sendable {
        case reading
        /// There are more partners than the feature table has columns for.
        case countingPartners = "counting partners"
        /// With the partners that have columns.
        case readingAgain = "reading again"
        case segmenting
    }

    package let stage: Stage
    /// In units of the stage: bytes, or clusters that k-means looked for.
    package let done: Int
    package let total: Int

    package init(stage: Stage, done: Int, total: Int) {
        self.stage = stage
        self.done = done
        self.total = total
    }
}

/// An analysis, and the rows of users behind it, which are for files of their own.
package struct AnalysisResult: Sendable {
    package var analysis: Analysis
    package let users: UserRows

    package init(analysis: Analysis, users: UserRows) {
        self.analysis = analysis
        self.users = users
    }
}

/// The rows of all users as they come from the engine, which need not hold them in memory. Sorted by the bytes of the
/// id; each iteration begins anew.
package struct UserRows: AsyncSequence, Sendable {
    /// Gives the next row; `nil` after the last.
    package typealias Next = () async throws(AnalysisError) -> UserRow?

    package struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let nextRow: Next

        package mutating func next() async throws(AnalysisError) -> UserRow? { try await nextRow() }
    }

    private let start: @Sendable () -> Next

    /// - Parameter start: begins an iteration.
    package init(_ start: @escaping @Sendable () -> Next) {
        self.start = start
    }

    package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(nextRow: start()) }
}

/// What an analysis knows of one user.
package struct UserRow: Equatable, Sendable {
    /// With one partner.
    package struct ByPartner: Equatable, Sendable {
        package let rewards: EventTotals
        package let prizes: EventTotals

        package init(rewards: EventTotals, prizes: EventTotals) {
            self.rewards = rewards
            self.prizes = prizes
        }
    }

    /// `id_utente`.
    package let id: String
    /// The number of the user's segment; 0 is none.
    package let segment: Int
    /// Of the user's last record in `utenti`; `nil` is unknown.
    package let sex: String?
    /// In years.
    package let age: Int?
    package let province: String?
    /// In the order of ``Analysis/partners``.
    package let partners: [ByPartner]

    package init(id: String, segment: Int, sex: String?, age: Int?, province: String?, partners: [ByPartner]) {
        self.id = id
        self.segment = segment
        self.sex = sex
        self.age = age
        self.province = province
        self.partners = partners
    }

    /// All behaviours and `TOT_tk_guadagnati`.
    package var rewards: EventTotals { total(\.rewards) }
    /// All prizes and `TOT_tk_spesi`.
    package var prizes: EventTotals { total(\.prizes) }

    private func total(_ part: (ByPartner) -> EventTotals) -> EventTotals {
        var sum = EventTotals.zero
        for partner in partners { sum.add(part(partner)) }
        return sum
    }

    /// `<PARTNER>_FIDELITY(%)` for each partner: its part of the user's rewards, 0–100; `nil` for a user without rewards.
    package var fidelity: [Double?] {
        let earned = rewards.amount.hundredths
        return partners.map { partner in
            earned > 0 ? 100 * Double(partner.rewards.amount.hundredths) / Double(earned) : nil
        }
    }
}
