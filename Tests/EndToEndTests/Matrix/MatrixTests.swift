import Foundation
import PipelineTesting
import SystemPackage
import Testing

/// Every client does at the ingestor whatever it has calls for, and docs/KAFKA.md says what that is.
///
/// After a wanted change: `UPDATE_SNAPSHOTS=1 swift test --filter MatrixTests`, then look at the difference of the page.
@Suite(.timeLimit(.minutes(20))) struct MatrixTests {
    @Test func everyClientDoesWhatThePageSays() async throws {
        let outcomes = try await outcomes()
        for (client, outcomes) in outcomes {
            for (capability, outcome) in outcomes where outcome != "yes" {
                Issue.record("\(client) cannot \(capability.title): \(outcome)")
            }
        }
        let file = URL(filePath: try BuiltPackage.root().appending("docs/KAFKA.md").string)
        let page = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        let table = table(outcomes)
        let start = try #require(page.range(of: Self.heading), "docs/KAFKA.md has no matrix")
        let end = page.range(of: "\n\n", range: start.lowerBound..<page.endIndex)?.lowerBound ?? page.endIndex
        if ProcessInfo.processInfo.environment["UPDATE_SNAPSHOTS"] == "1" {
            let updated = page.replacingCharacters(in: start.lowerBound..<end, with: table)
            return try Data(updated.utf8).write(to: file)
        }
        let documented = page[start.lowerBound..<end].split(separator: "\n")
        for (row, documented) in zip(table.split(separator: "\n"), documented) { #expect(row == documented) }
        #expect(documented.count == Capability.allCases.count + 2)
    }

    /// What user interfaces ask a cluster for, in one go, while a group reads.
    @Test func thePagesOfAUserInterfaceAreAnswered() async throws {
        try await withIngestor { bootstrap, _ in
            try await Peer.confluent.create(["shown"], partitions: 2, at: bootstrap)
            let sent = (0..<6).map { number in
                PeerRecord(
                    topic: "shown",
                    partition: number % 2,
                    timestamp: Corpus.start + number,
                    key: nil,
                    value: Array("v\(number)".utf8)
                )
            }
            try await Peer.confluent.produce(sent, codec: "none", to: bootstrap)
            // Two of three records of each partition are read and committed, and the member stays.
            _ = try await UnexpectedAnswer.text(
                of: BuiltPackage.program(),
                "groups reset readers --to-offset 1 --topic shown --execute --bootstrap \(bootstrap)".split(
                    separator: " "
                )
                .map(String.init)
            )
            let member = [try Peer.confluent.script.string, "group", bootstrap, "readers", "1", "2", "100", "shown"]
            let answers = try await withProcess(BuiltPackage.python(), arguments: member) { process in
                _ = try await process.waitForLine("ready")
                return try await Java.run("UserInterface.java", [bootstrap, "shown", "readers"]).text
            }
            let seen = answers.split(separator: "\n").map { String($0.replacing("\t", with: ": ")) }
            #expect(seen == Self.pages)
        }
    }

    /// What a single node of Kafka answers too; where there is no such call, an interface leaves its page out.
    private static let pages = [
        "nodes: 1, controller 0", "cluster id: 22 characters", "operations on the cluster: 7",
        "settings of the node: true", "volumes: 1", "a move to the volume: LogDirNotFoundException",
        "what has settings: [ConfigResource(type=BROKER, name='0'), ConfigResource(type=BROKER_LOGGER, name='0'), "
            + "ConfigResource(type=TOPIC, name='shown')]", "features: true", "quorum: UnsupportedVersionException",
        "access rules: UnsupportedVersionException", "quotas: UnsupportedVersionException",
        "users: UnsupportedVersionException", "transactions: UnsupportedVersionException", "reassignments: 0",
        "topics: true", "partitions: 2, healthy true, operations 8",
        "settings of the topic: STATIC_BROKER_CONFIG, synonyms true, documented true", "sizes: 2",
        "ends: {shown-0=3, shown-1=3}", "groups: [consumer]", "members: Stable, member-0 at /127.0.0.1 has 2",
        "lag: {shown-0=2, shown-1=2}", "place of a time: 0", "a record: v2",
    ]

    /// What each client could do, at an ingestor of its own.
    private func outcomes() async throws -> [MatrixClient: [Capability: String]] {
        try await withThrowingTaskGroup(of: (MatrixClient, [Capability: String]).self) { group in
            for client in MatrixClient.allCases {
                group.addTask {
                    try await withIngestor { bootstrap, _ in (client, try await client.outcomes(at: bootstrap)) }
                }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    private static let heading = "| what | " + MatrixClient.allCases.map(\.rawValue).joined(separator: " | ") + " |"

    private func table(_ outcomes: [MatrixClient: [Capability: String]]) -> String {
        let rows = Capability.allCases.map { capability in
            let cells = MatrixClient.allCases.map { outcomes[$0]?[capability] == nil ? "–" : "✓" }
            return "| \(capability.title) | " + cells.joined(separator: " | ") + " |"
        }
        let line = "| --- |" + String(repeating: " :-: |", count: MatrixClient.allCases.count)
        return ([Self.heading, line] + rows).joined(separator: "\n")
    }
}
