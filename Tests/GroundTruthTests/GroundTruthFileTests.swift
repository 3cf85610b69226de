import Community
import Foundation
import PipelineTesting
import Testing

@testable import GroundTruth

@Suite struct GroundTruthFileTests {
    private func sample(users: Int) -> GroundTruth {
        var truth = GroundTruth(
            run: "run-1",
            configuration: CommunityConfiguration(seed: .max, initialSize: users),
            startedAtMilliseconds: 1_616_580_000_000
        )
        truth.outcome = .failed
        truth.failure = "no broker at \"127.0.0.1:1\"\nfor €"
        truth.endedAtMilliseconds = 1_616_580_001_000
        truth.crashedRunsPassed = ["run-0"]
        truth[.prizes].acknowledged.valueCount = 3
        truth[.prizes].acknowledgedByPartition = [1, 2]
        truth.dials = ["skew": "heavy"]
        truth.personas = ["savers", "spenders"]
        var digest = LineDigest()
        digest.add(term: .max)
        truth[.prizes].digests = [LineDigest(), digest]
        truth[.prizes].dirt = [DirtTruth(kind: "late", acknowledged: truth[.prizes].acknowledged)]
        for hour in 0..<min(users, 100) {
            let topic = CommunityTopic.allCases[hour % 3]
            truth.hours.append(
                HourTruth(topic: topic, hour: Int32(hour * 7), acknowledged: truth[.prizes].acknowledged)
            )
        }
        for number in 0..<users {
            var sums = TokenSums()
            sums.earnedCount = number
            sums.earnedHundredths = number * 160
            sums.spentCount = number / 2
            sums.spentHundredths = number / 2 * 500
            let persona = number.isMultiple(of: 3) ? nil : number % 2 + 1
            truth.users.append(UserTruth(id: "HE_\(number + 1)", sums: sums, persona: persona))
        }
        truth.unresolvedUsers = Array(truth.users.prefix(2))
        return truth
    }

    @Test(arguments: [0, 1, 2, 5_000])
    func whatIsWrittenIsRead(_ users: Int) throws {
        try withTemporaryDirectory { directory in
            let truth = sample(users: users)
            let path = GroundTruth.path(of: truth.run, in: "\(directory)")
            try truth.write(to: path)
            #expect(try GroundTruth.read(from: path) == truth)
            #expect(try FileManager.default.contentsOfDirectory(atPath: "\(directory)") == ["run-1.json"])
            #expect(try GroundTruth.paths(in: "\(directory)") == [path])
        }
    }

    @Test func theFileIsOneDocumentOfJSON() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/run-1.json"
            try sample(users: 3).write(to: path)
            let data = try Data(contentsOf: URL(fileURLWithPath: path))
            let document = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
            #expect(Set(document.keys) == ["crc32c", "kind", "version", "run", "hours", "users", "unresolvedUsers"])
            #expect(document["version"] as? Int == 3)
            let users = try #require(document["users"] as? [[Any]])
            #expect(users.count == 3)
            #expect(users[2][0] as? String == "HE_3")
            #expect(users[2][2] as? Int == 320)
        }
    }

    @Test func aSecondWriteReplacesTheFirst() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/run-1.json"
            let beginning = GroundTruth(
                run: "run-1",
                configuration: CommunityConfiguration(initialSize: 1),
                startedAtMilliseconds: 5
            )
            try beginning.write(to: path)
            #expect(try GroundTruth.read(from: path).outcome == .running)
            let end = sample(users: 10)
            try end.write(to: path)
            #expect(try GroundTruth.read(from: path) == end)
        }
    }

    /// As the first version wrote it: no checksum, no topic ids.
    static let version1 = """
        {
        "run": {"crashedRunsPassed":["run-0"],"initialSize":2,"outcome":"completed","referenceDate":"2021-03-24",\
        "run":"run-1","seed":7,"skippedCount":3,"startedAtMilliseconds":1616580000000,"topics":[\
        {"acknowledged":{"hundredths":0,"tombstoneCount":0,"valueCount":2},"acknowledgedByPartition":[1,1],\
        "rejected":{"hundredths":0,"tombstoneCount":0,"valueCount":0},"topic":"utenti",\
        "unresolved":{"hundredths":0,"tombstoneCount":0,"valueCount":0}},\
        {"acknowledged":{"hundredths":445,"tombstoneCount":0,"valueCount":2},"acknowledgedByPartition":[2],\
        "rejected":{"hundredths":0,"tombstoneCount":0,"valueCount":0},"topic":"comportamenti",\
        "unresolved":{"hundredths":0,"tombstoneCount":0,"valueCount":0}},\
        {"acknowledged":{"hundredths":0,"tombstoneCount":1,"valueCount":0},"acknowledgedByPartition":[0,1],\
        "rejected":{"hundredths":0,"tombstoneCount":0,"valueCount":0},"topic":"premi",\
        "unresolved":{"hundredths":0,"tombstoneCount":0,"valueCount":0}}]},
        "users": [
        ["HE_1", 2, 445, 0, 0]
        ],
        "unresolvedUsers": [
        ]
        }

        """

    @Test func theFirstVersionIsRead() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/run-1.json"
            try Data(Self.version1.utf8).write(to: URL(fileURLWithPath: path))
            let truth = try GroundTruth.read(from: path)
            #expect(truth.run == "run-1")
            #expect(truth.outcome == .completed)
            #expect(truth.producedCount == 3 + 2 + 2 + 1)
            #expect(truth.bootID == nil)
            #expect(truth[.behaviours].topicID == nil)
            #expect(truth[.behaviours].acknowledged.hundredths == 445)
            #expect(truth.users.map(\.id) == ["HE_1"])
            #expect(truth.crashedRunsPassed == ["run-0"])
        }
    }

    @Test func theHeadIsAsItIsDrawn() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/run-1.json"
            try sample(users: 2).write(to: path)
            let text = try String(contentsOfFile: path, encoding: .utf8)
            let head = try #require(text.split(separator: "\n").first)
            #expect(head.wholeMatch(of: /\{"crc32c":"[0-9a-f]{8}","kind":"ground-truth","version":3,/) != nil)
            for (newer, word) in [
                (text.replacing("\"version\":3", with: "\"version\":4"), "newer hera"),
                (text.replacing("\"version\":3", with: "\"version\":1"), "damaged"),
                (text.replacing("ground-truth", with: "topics"), "head of a ground truth"),
            ] {
                try newer.write(toFile: path, atomically: false, encoding: .utf8)
                let error = #expect(throws: GroundTruthError.self) { try GroundTruth.read(from: path) }
                #expect(error?.description.contains(word) == true, "\(String(describing: error))")
            }
        }
    }

    @Test func everyFlippedBitIsFound() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/run-1.json"
            try sample(users: 2).write(to: path)
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            for index in bytes.indices {
                var damaged = bytes
                damaged[index] ^= 1 << UInt8(index % 8)
                try damaged.write(to: URL(fileURLWithPath: path))
                #expect(throws: GroundTruthError.self, "byte \(index)") { try GroundTruth.read(from: path) }
            }
        }
    }

    /// Lines of a sound file of the first version, which has no checksum, each replaced by something else.
    @Test(arguments: [
        (0, "["), (1, "\"run\": {},"), (1, "\"run\": {}"), (2, "\"users\": {"), (3, "[\"HE_1\", 1, 2, 3]"),
        (3, "[\"HE_1\", 1, 2, 3, -4],"), (3, "[HE_1, 1, 2, 3, 4],"), (3, ""), (8, "}"),
    ])
    func aDamagedLineIsNamed(_ line: Int, _ replacement: String) throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/run-1.json"
            try sample(users: 2).write(to: path)
            var lines = try String(contentsOfFile: path, encoding: .utf8).components(separatedBy: "\n")
            lines[0] = "{"
            // The first version has no hours.
            lines.removeSubrange(2...5)
            lines[line] = replacement
            try lines.joined(separator: "\n").write(toFile: path, atomically: false, encoding: .utf8)
            let error = #expect(throws: GroundTruthError.self) { try GroundTruth.read(from: path) }
            #expect(error?.description.contains("line \(line + 1)") == true, "\(String(describing: error))")
        }
    }

    @Test func aTornFileIsRefused() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/run-1.json"
            try sample(users: 2).write(to: path)
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            for length in 0..<bytes.count - 1 {
                try bytes.prefix(length).write(to: URL(fileURLWithPath: path))
                #expect(throws: GroundTruthError.self) { try GroundTruth.read(from: path) }
            }
        }
    }

    @Test func aMissingDirectoryIsExplained() throws {
        let error = #expect(throws: GroundTruthError.self) { try sample(users: 1).write(to: "/nowhere/at/all.json") }
        #expect(error?.description.contains("/nowhere/at/all.json") == true)
        #expect(try GroundTruth.paths(in: "/nowhere/at/all").isEmpty)
    }

    @Test func aFailedWriteLeavesNothingBehind() throws {
        try withTemporaryDirectory { directory in
            // A directory stands where the file should: the rename fails after all else went well.
            let path = "\(directory)/run-1.json"
            try FileManager.default.createDirectory(atPath: path + "/full", withIntermediateDirectories: true)
            #expect(throws: GroundTruthError.self) { try sample(users: 1).write(to: path) }
            #expect(try FileManager.default.contentsOfDirectory(atPath: "\(directory)") == ["run-1.json"])
        }
    }
}
