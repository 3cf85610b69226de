import Community
import Foundation
import GroundTruth
import PipelineTesting
import SystemPackage
import Testing

/// The load through the whole pipeline: times, personas, bad records, the ground truth.
@Suite(.timeLimit(.minutes(20))) struct LoadTests {
    private static let everyKind = Dirt.allCases.map { "\($0.name)=2%" }.joined(separator: ",")

    /// The one ground truth in a directory.
    private func truth(in directory: FilePath) throws -> GroundTruth {
        let paths = try GroundTruth.paths(in: directory.string)
        #expect(paths.count == 1)
        return try GroundTruth.read(from: try #require(paths.first))
    }

    @Test func aDemoTellsWhatItPlanted() async throws {
        try await withTemporaryDirectory { folder in
            let data = folder.appending("demo")
            let result = try await runProgram(
                BuiltPackage.program(),
                arguments: [
                    "demo", "--data", data.string, "--users", "300", "--events", "6000", "--seed", "7", "--personas",
                    "3", "--dirty", Self.everyKind,
                ]
            )
            try #require(result.status == .exited(0), "\(result.text)\(result.errorText)")
            let page = try String(contentsOfFile: data.appending("report/report.html").string, encoding: .utf8)
            for word in Persona.all.prefix(3).map(\.name) + Dirt.allCases.map(\.name) {
                #expect(result.text.contains(word), "\(result.text)")
                #expect(page.contains(word))
            }
            let truth = try truth(in: data.appending("truth"))
            #expect(truth.outcome == .completed)
            #expect(truth.dials?.keys.sorted() == ["dirty", "personas"])
            try expectFiled(truth, in: Zone(data: data))
            try expectPersonas(truth)
            #expect(Set(truth.hours.map(\.hour)).count > 150, "the events lie in a week")
        }
    }

    /// Each kind landed where it should: in a file, filtered, or in the dead letter topic.
    private func expectFiled(_ truth: GroundTruth, in zone: Zone) throws {
        for topic in CommunityTopic.allCases {
            let own = truth[topic]
            #expect(own.dirt?.count == (topic == .users ? 13 : 14))
            var digests = [LineDigest](repeating: LineDigest(), count: 2)
            var hours: [String: Int] = [:]
            for path in zone.files where path.hasPrefix(topic.name + "/") {
                let partition = try #require(Int(try Zone.name(of: path).partition.split(separator: "-")[1]))
                let file = zone.data.appending("storage/HeraSDG/raw_data").appending(path).string
                let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
                for line in bytes.split(separator: UInt8(ascii: "\n")) {
                    Array(line).withUnsafeBytes { digests[partition].add($0) }
                    let time = path.split(separator: "/")[1...4]
                    hours[time.joined(separator: "/"), default: 0] += 1
                }
            }
            #expect(digests == own.digests, "\(topic)")
            #expect(digests.reduce(0) { $0 + $1.count } == own.acknowledged.valueCount)
            let known = truth.hours.filter { $0.topic == topic && $0.acknowledged.valueCount > 0 }
            let local = known.map { (Self.directory(ofHour: $0.hour), $0.acknowledged.valueCount) }
            #expect(hours == Dictionary(local, uniquingKeysWith: +))
            let all = truth.hours.filter { $0.topic == topic }.reduce(into: RecordTotals()) { $0 += $1.acknowledged }
            #expect(all == own.acknowledged)
        }
    }

    /// Where the sink files the records of an hour.
    private static func directory(ofHour hour: Int32) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "Europe/Paris")
        formatter.dateFormat = "yyyy/MM/dd/HH"
        return formatter.string(from: Date(timeIntervalSince1970: Double(hour) * 3_600))
    }

    private func expectPersonas(_ truth: GroundTruth) throws {
        let names = try #require(truth.personas)
        #expect(truth.users.allSatisfy { user in user.persona.map { (1...names.count).contains($0) } ?? false })
        // The sums of the users are the sums of the topics.
        let earned = truth.users.reduce(0) { $0 + $1.sums.earnedHundredths }
        #expect(earned == truth[.behaviours].acknowledged.hundredths)
    }

    /// A record as `hera topics tail --json` prints it.
    private struct Tailed: Decodable {
        let timestamp: Int64?
        let key: String
        let value: String?
    }

    private func tail(_ topic: String, _ count: Int, at bootstrap: String) async throws -> [Tailed] {
        let result = try await Zone.hera(
            "topics",
            "tail",
            topic,
            "--bootstrap",
            bootstrap,
            "--from-beginning",
            "--count",
            "\(count)",
            "--json"
        )
        try #require(result.status == .exited(0), "\(result.errorText)")
        return try result.text.split(separator: "\n").map {
            try JSONDecoder().decode(Tailed.self, from: Data($0.utf8))
        }
    }

    @Test func recordsHaveTheTimesOfTheirSpanAndTheTruthIsInATopic() async throws {
        try await withIngestor { bootstrap, data in
            let directory = data.appending("runs")
            let result = try await Zone.hera(
                "source",
                bootstrap,
                "50",
                "--count",
                "700",
                "--start",
                "2021-03-22",
                "--span",
                "1w",
                "--rate-curve",
                "weekly",
                "--truth",
                directory.string,
                "--truth-topic",
                "truth",
                "--personas",
                "2"
            )
            try #require(result.status == .exited(0), "\(result.errorText)")
            let truth = try truth(in: directory)
            let start: Int64 = 1_616_371_200_000
            var times: [Int64] = []
            for topic in CommunityTopic.allCases {
                let records = try await tail(topic.name, truth[topic].acknowledged.count, at: bootstrap)
                times += records.compactMap(\.timestamp)
            }
            #expect(times.count == 1_000)
            #expect(times.allSatisfy { start <= $0 && $0 < start + 604_800_000 })
            #expect(Set(times.map { ($0 - start) / 86_400_000 }).count == 7)
            let rows = try await tail("truth", 2 + truth.hours.count + truth.users.count, at: bootstrap)
            #expect(rows.last?.key == truth.run)
            #expect(rows.last?.value == truth.summary)
            let users = rows.filter { $0.key.hasPrefix("\(truth.run)/users/") }
            #expect(users.compactMap(\.value) == truth.users.map(\.row))
            #expect(rows.count { $0.key.hasPrefix("\(truth.run)/hours/") } == truth.hours.count)
            let settings = try await Zone.hera("topics", "configs", "truth", "--bootstrap", bootstrap)
            #expect(settings.text.contains("compact"))
        }
    }

    @Test(arguments: [
        (["--dirty", "lat=1"], "did you mean 'late'"), (["--dirty", "late=2"], "late needs a share"),
        (["--personas", "9"], "personas"), (["--personas=-1"], "personas"), (["--churn", "2"], "churn"),
        (["--churn", "nan"], "churn"), (["--skew", "odd"], "even"), (["--span", "4w"], "count"),
        (["--span", "0s", "--count", "1"], "span"), (["--span", "99y", "--count", "1"], "span"),
        (["--start", "yesterday"], "start"), (["--start", "1969-12-31"], "start"), (["--rate-curve", "daily"], "rate"),
        (["--rate-curve", "/nowhere/rates.csv"], "/nowhere/rates.csv"), (["--rate-curve", ""], "rate-curve"),
        (["--burst", "10", "--rate", "5"], "10x30s/10m"), (["--burst", "2x1s/2s"], "rate"),
        (["--truth-topic", "utenti"], "utenti"), (["--truth-topic", "a b"], "letters"),
        (["--truth-topic", "t", "--acks", "0"], "a ground truth needs"),
    ])
    func whatMakesNoSenseIsExplainedBeforeAnythingIsSent(_ options: [String], _ words: String) async throws {
        let result = try await runProgram(
            BuiltPackage.program(),
            arguments: ["source", "127.0.0.1:1", "10"] + options
        )
        #expect(result.status == .exited(64), "\(options): \(result.errorText)")
        #expect(result.errorText.contains(words), "\(options): \(result.errorText)")
    }

    @Test func aDryRunShowsBadRecordsAndTimes() async throws {
        let arguments = [
            "source", "nobody:1", "20", "--dry-run", "--json", "--count", "2000", "--dirty", Self.everyKind, "--span",
            "1d",
            "--start", "2021-03-24T06:00",
        ]
        let result = try await runProgram(BuiltPackage.program(), arguments: arguments)
        try #require(result.status == .exited(0), "\(result.errorText)")
        var texts = 0
        for line in result.text.split(separator: "\n") {
            let object = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            #expect(object["timestamp"] is NSNumber)
            if object["value"] is String { texts += 1 }
        }
        #expect(texts > 10, "values that are no JSON are shown as texts")
        let again = try await runProgram(BuiltPackage.program(), arguments: arguments)
        #expect(result.output == again.output)
    }
}
