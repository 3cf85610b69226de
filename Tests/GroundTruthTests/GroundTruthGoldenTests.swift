import Community
import Foundation
import PipelineTesting
import Testing

@testable import GroundTruth

/// The bytes of a ground truth, as `GroundTruth+File.swift` draws them.
@Suite struct GroundTruthGoldenTests {
    private static let version3 = """
        {"crc32c":"c2a1b688","kind":"ground-truth","version":3,
        "run": {"dials":{"skew":"heavy"},"initialSize":2,"outcome":"completed","personas":["energy-savers"],\
        "referenceDate":"2021-03-24","run":"run-1","seed":7,"skippedCount":3,"startedAtMilliseconds":1616580000000,"topics":[\
        {"acknowledged":{"brokenCount":0,"hundredths":0,"tombstoneCount":0,"unusableCount":0,"valueCount":0},\
        "acknowledgedByPartition":[],\
        "rejected":{"brokenCount":0,"hundredths":0,"tombstoneCount":0,"unusableCount":0,"valueCount":0},\
        "topic":"utenti",\
        "unresolved":{"brokenCount":0,"hundredths":0,"tombstoneCount":0,"unusableCount":0,"valueCount":0}},\
        {"acknowledged":{"brokenCount":1,"hundredths":445,"tombstoneCount":0,"unusableCount":1,"valueCount":3},\
        "acknowledgedByPartition":[3,1],"digests":[{"lines":3,"sum":"00000000000000ff"}],\
        "dirt":[{"acknowledged":{"brokenCount":1,"hundredths":0,"tombstoneCount":0,"unusableCount":0,"valueCount":0},\
        "kind":"broken-json"}],\
        "rejected":{"brokenCount":0,"hundredths":0,"tombstoneCount":0,"unusableCount":0,"valueCount":0},\
        "topic":"comportamenti",\
        "unresolved":{"brokenCount":0,"hundredths":0,"tombstoneCount":0,"unusableCount":0,"valueCount":0}},\
        {"acknowledged":{"brokenCount":0,"hundredths":0,"tombstoneCount":1,"unusableCount":0,"valueCount":0},\
        "acknowledgedByPartition":[0,1],\
        "rejected":{"brokenCount":0,"hundredths":0,"tombstoneCount":0,"unusableCount":0,"valueCount":0},\
        "topic":"premi",\
        "undated":{"brokenCount":0,"hundredths":0,"tombstoneCount":1,"unusableCount":0,"valueCount":0},\
        "unresolved":{"brokenCount":0,"hundredths":0,"tombstoneCount":0,"unusableCount":0,"valueCount":0}}]},
        "hours": [
        ["comportamenti", "2021-03-24T10", 3, 0, 1, 1, 445]
        ],
        "users": [
        ["HE_1", 2, 445, 0, 0, 1],
        ["CO_2", 0, 0, 0, 0, 1]
        ],
        "unresolvedUsers": [
        ]
        }

        """

    private var sample: GroundTruth {
        var configuration = CommunityConfiguration(seed: 7, initialSize: 2)
        configuration.skew = .heavy
        var truth = GroundTruth(run: "run-1", configuration: configuration, startedAtMilliseconds: 1_616_580_000_000)
        truth.outcome = .completed
        truth.personas = ["energy-savers"]
        truth.skippedCount = 3
        var sums = TokenSums()
        sums.earnedCount = 2
        sums.earnedHundredths = 445
        truth.users = [
            UserTruth(id: "HE_1", sums: sums, persona: 1), UserTruth(id: "CO_2", sums: TokenSums(), persona: 1),
        ]
        var behaviours = RecordTotals()
        behaviours.valueCount = 3
        behaviours.brokenCount = 1
        behaviours.unusableCount = 1
        behaviours.hundredths = 445
        truth[.behaviours].acknowledged = behaviours
        truth[.behaviours].acknowledgedByPartition = [3, 1]
        truth.hours = [HourTruth(topic: .behaviours, hour: 449_050, acknowledged: behaviours)]
        var digest = LineDigest()
        for term: UInt64 in [0xF0, 0x0E, 0x01] { digest.add(term: term) }
        truth[.behaviours].digests = [digest]
        var broken = RecordTotals()
        broken.brokenCount = 1
        truth[.behaviours].dirt = [DirtTruth(kind: "broken-json", acknowledged: broken)]
        var tombstone = RecordTotals()
        tombstone.tombstoneCount = 1
        truth[.prizes].acknowledged = tombstone
        truth[.prizes].undated = tombstone
        truth[.prizes].acknowledgedByPartition = [0, 1]
        return truth
    }

    @Test func aFileHasTheseBytes() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/run-1.json"
            try sample.write(to: path)
            #expect(try String(contentsOfFile: path, encoding: .utf8) == Self.version3)
            #expect(try GroundTruth.read(from: path) == sample)
        }
    }

    /// The second version: a checksum, and neither hours nor bad records.
    @Test func theSecondVersionIsRead() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/run-1.json"
            let head = #"{"crc32c":"93e3528b","kind":"ground-truth","version":2,"#
            let text = head + GroundTruthFileTests.version1.dropFirst()
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            let truth = try GroundTruth.read(from: path)
            #expect(truth[.behaviours].acknowledged.hundredths == 445)
            #expect(truth[.behaviours].digests == nil)
            #expect(truth.hours.isEmpty)
            #expect(truth.users.map(\.id) == ["HE_1"])
        }
    }

    /// What a line adds to a digest is written down in `docs/FILES.md`, for programs of others.
    @Test func aLineAddsThisToADigest() {
        let line = Array("123456789".utf8)
        #expect(line.withUnsafeBytes { LineDigest.term(of: $0) } == 0x49BC9904176E2950)
    }
}
