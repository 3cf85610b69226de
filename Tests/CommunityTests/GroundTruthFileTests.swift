import Foundation
import PipelineTesting
import Testing

@testable import Community

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
        for number in 0..<users {
            var sums = TokenSums()
            sums.earnedCount = number
            sums.earnedHundredths = number * 160
            sums.spentCount = number / 2
            sums.spentHundredths = number / 2 * 500
            truth.users.append(UserTruth(id: "HE_\(number + 1)", sums: sums))
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
            #expect(Set(document.keys) == ["run", "users", "unresolvedUsers"])
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

    /// Lines of a sound file, each replaced by something else.
    @Test(arguments: [
        (0, "["), (1, "\"run\": {},"), (1, "\"run\": {}"), (2, "\"users\": {"), (3, "[\"HE_1\", 1, 2, 3]"),
        (3, "[\"HE_1\", 1, 2, 3, -4],"), (3, "[HE_1, 1, 2, 3, 4],"), (3, ""), (8, "}"),
    ])
    func aDamagedLineIsNamed(_ line: Int, _ replacement: String) throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/run-1.json"
            try sample(users: 2).write(to: path)
            var lines = try String(contentsOfFile: path, encoding: .utf8).components(separatedBy: "\n")
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
