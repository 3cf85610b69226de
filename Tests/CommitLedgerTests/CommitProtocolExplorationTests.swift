import CommitLedger
import Testing

/// Every interleaving of several writers, with crashes after each step and lost answers: see `Explorer`.
///
/// Millions of states in a release build; a debug build, which is ten times as slow, goes through smaller spaces. Each
/// run attaches how many states it saw.
@Suite(.serialized, .timeLimit(.minutes(20))) struct CommitProtocolExplorationTests {
    #if DEBUG
    static let spaces: [Explorer.Bounds] = [
        .init(offsets: 3, sequences: 3, starts: 3, lost: 0),
        .init(offsets: 1, sequences: 3, starts: 2, lost: 1),
        .init(offsets: 1, sequences: 3, starts: 3, lost: 0, writers: 3),
        .init(offsets: 3, sequences: 4, starts: 2, lost: 0, repairs: 1),
        .init(offsets: 3, sequences: 4, starts: 2, lost: 0, repairs: 1, empties: true),
    ]
    #else
    static let spaces: [Explorer.Bounds] = [
        .init(offsets: 3, sequences: 5, starts: 3, lost: 0),
        .init(offsets: 3, sequences: 5, starts: 3, lost: 0, recordsKept: 2),
        .init(offsets: 3, sequences: 4, starts: 3, lost: 1),
        .init(offsets: 1, sequences: 4, starts: 3, lost: 0, writers: 3),
        .init(offsets: 3, sequences: 5, starts: 3, lost: 0, repairs: 2),
        .init(offsets: 2, sequences: 4, starts: 3, lost: 1, repairs: 1),
        .init(offsets: 3, sequences: 5, starts: 3, lost: 0, repairs: 1, empties: true),
        .init(offsets: 2, sequences: 4, starts: 3, lost: 1, repairs: 1, empties: true),
    ]
    #endif

    @Test(arguments: spaces)
    func noInterleavingLosesOrDoubles(space: Explorer.Bounds) {
        var explorer = Explorer(space)
        let finding = explorer.run()
        #expect(finding.violation == nil, "\(finding.path.joined(separator: "\n"))")
        #expect(finding.states > 5_000, "the space is too small to tell anything")
        #expect(finding.takeovers > 0 && finding.commits > 0, "no writer gets anywhere")
        // What was seen, for the log of a run.
        Attachment.record("\(finding.states) states", named: "states.txt")
    }

    /// A part of the protocol left out, and a space in which that does harm.
    struct Omission: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let check: CommitProtocol.Checks
        let space: Explorer.Bounds
        /// The number of the invariant that breaks, or what a writer finds that stops just before it would.
        let harm: String
    }

    static let omissions: [Omission] = [
        Omission(
            testDescription: "without the list after reading",
            check: .listAfterReading,
            space: .init(offsets: 1, sequences: 3, starts: 3, lost: 1),
            harm: "0-0 exists"
        ),
        Omission(
            testDescription: "without the list after a takeover",
            check: .listAfterTakeover,
            space: .init(offsets: 2, sequences: 4, starts: 3),
            harm: "0-0 exists"
        ),
        Omission(
            testDescription: "without the list after a commit",
            check: .listAfterCommit,
            space: .init(offsets: 3, sequences: 4, starts: 3),
            harm: "I2"
        ),
        Omission(
            testDescription: "without epochs in the sweep",
            check: .epochs,
            space: .init(offsets: 1, sequences: 3, starts: 2),
            harm: "I3"
        ),
        Omission(
            testDescription: "without finishing the renames of the record before",
            check: .finishing,
            space: .init(offsets: 1, sequences: 3, starts: 2),
            harm: "I3"
        ),
        Omission(
            testDescription: "without reading back after a lost answer",
            check: .readingBack,
            space: .init(offsets: 1, sequences: 3, starts: 2, lost: 1),
            harm: "I3"
        ),
    ]

    @Test(arguments: omissions)
    func eachPartIsNeeded(omission: Omission) throws {
        var space = omission.space
        space.checks.remove(omission.check)
        var explorer = Explorer(space)
        let finding = explorer.run()
        let violation = try #require(finding.violation, "\(finding.states) states and no harm done")
        #expect(violation.contains(omission.harm))
        #expect(finding.path.count > 3)
    }
}
