import Foundation
import PipelineTesting
import SystemPackage
import Testing

/// Consumer groups at the embedded ingestor, as `hera groups` and the administrators of other clients see and change them.
@Suite(.timeLimit(.minutes(20))) struct GroupsTests {
    private struct Summary: Decodable, Equatable {
        let name: String
        let state: String
        let isSimple: Bool
    }

    private struct Details: Decodable {
        struct Member: Decodable {
            let client: String
            let host: String
            let partitions: [SeenPlace]
        }
        struct SeenPlace: Decodable {
            let topic: String
            let partition: Int32
        }
        let state: String
        let assignor: String
        let members: [Member]
        let partitions: [Lag.Partition]
    }

    private struct Lag: Decodable {
        struct Partition: Decodable {
            let partition: Int32
            let committedOffset: Int64?
            let endOffset: Int64?
            let lag: Int64?
            let client: String?
        }
        let group: String
        let state: String
        let partitions: [Partition]
    }

    private struct Reset: Decodable {
        struct Partition: Decodable {
            let currentOffset: Int64?
            let newOffset: Int64
            let isMoved: Bool
        }
        let isDone: Bool
        let partitions: [Partition]
    }

    /// The commands, at one ingestor.
    private struct Groups {
        let bootstrap: String

        func run(_ arguments: [String]) async throws -> ProgramResult {
            try await runProgram(
                BuiltPackage.program(),
                arguments: ["groups"] + arguments + ["--bootstrap", bootstrap]
            )
        }

        /// What a command prints that succeeds.
        func text(_ arguments: String...) async throws -> String {
            let result = try await run(arguments)
            try #require(result.status == .exited(0), "\(arguments): \(result.errorText)")
            return result.text
        }

        func json<Value: Decodable>(_ arguments: String..., as type: Value.Type = Value.self) async throws -> Value {
            let result = try await run(arguments + ["--json"])
            try #require(result.status == .exited(0), "\(arguments): \(result.errorText)")
            return try JSONDecoder().decode(type, from: Data(result.text.utf8))
        }

        /// What a command says that fails.
        func failure(_ arguments: String...) async throws -> String {
            let result = try await run(arguments)
            #expect(result.status == .exited(1), "\(arguments): \(result.text)")
            return result.errorText
        }
    }

    /// Runs `body` while one member of the group `readers` has all four partitions of `shared`; then it reads eight records,
    /// commits and leaves.
    private func withMember(
        _ peer: Peer,
        at bootstrap: String,
        _ body: () async throws -> Void
    ) async throws {
        try await Peer.confluent.create(["shared"], partitions: 4, at: bootstrap)
        let arguments = [try peer.script.string, "group", bootstrap, "readers", "1", "4", "8", "shared"]
        try await withProcess(BuiltPackage.python(), arguments: arguments) { process in
            _ = try await process.waitForLine("ready")
            try await body()
            try await Peer.confluent.produce(records(8), codec: "none", to: bootstrap)
            #expect(try await process.waitForExit() == .exited(0), "\(process.errorOutput.soFar)")
        }
    }

    private func records(_ count: Int) -> [PeerRecord] {
        (0..<count).map { number in
            PeerRecord(
                topic: "shared",
                partition: number % 4,
                timestamp: Corpus.start + number,
                key: Array("k\(number)".utf8),
                value: Array("v\(number)".utf8)
            )
        }
    }

    @Test(arguments: [Peer.confluent, .kafkaPython])
    func administratorsSeeAGroupAndDeleteIt(peer: Peer) async throws {
        try await withIngestor { bootstrap, _ in
            try await withMember(peer, at: bootstrap) {
                let seen = try await peer.groups("readers", at: bootstrap)
                #expect(seen.groups == ["readers"])
                #expect(seen.state == "stable")
                #expect(seen.protocolName == "range")
                let places = (0..<4).map { SeenGroups.Place("shared", $0) }
                #expect(seen.members == [.init(client: "member-0", host: "/127.0.0.1", partitions: places)])
                let refused = try await peer.delete(groups: ["readers", "nobody"], at: bootstrap)
                #expect(refused == ["readers": "NON_EMPTY_GROUP", "nobody": "GROUP_ID_NOT_FOUND"])
            }
            let left = try await peer.groups("readers", at: bootstrap)
            #expect(left.state == "empty")
            #expect(left.members.isEmpty)
            #expect(left.offsets == ["shared-0": 2, "shared-1": 2, "shared-2": 2, "shared-3": 2])
            #expect(try await peer.delete(groups: ["readers"], at: bootstrap) == ["readers": nil])
            let gone = try await peer.groups("readers", at: bootstrap)
            #expect(gone.groups.isEmpty)
            #expect(gone.state == "dead")
        }
    }

    @Test func groupInUseIsShownAndLeftAlone() async throws {
        try await withIngestor { bootstrap, _ in
            let groups = Groups(bootstrap: bootstrap)
            #expect(try await groups.text("list") == "no groups\n")
            try await withMember(.confluent, at: bootstrap) {
                let list: [Summary] = try await groups.json("list")
                #expect(list == [Summary(name: "readers", state: "Stable", isSimple: false)])
                let details: Details = try await groups.json("describe", "readers")
                #expect(details.state == "Stable")
                #expect(details.assignor == "range")
                #expect(details.members.map(\.client) == ["member-0"])
                #expect(details.members.map(\.host) == ["/127.0.0.1"])
                #expect(details.members[0].partitions.map(\.partition) == [0, 1, 2, 3])
                #expect(details.partitions.map(\.client) == Array(repeating: "member-0", count: 4))
                let text = try await groups.text("describe", "readers")
                #expect(text.hasPrefix("group readers\nStable, range, coordinated by 127.0.0.1:"), "\(text)")
                #expect(text.contains("shared:0,1,2,3"), "\(text)")

                let reset = try await groups.failure("reset", "readers", "--to-earliest", "--execute")
                #expect(reset.contains("is in use (Stable, 1 member)"), "\(reset)")
                let deleted = try await groups.failure("delete", "readers", "--yes")
                #expect(deleted.contains("the group has members"), "\(deleted)")
                let offsets = try await groups.failure("delete", "readers", "--topic", "shared", "--yes")
                #expect(offsets.contains("the group has members"), "\(offsets)")
            }
        }
    }

    /// librdkafka 2.0.2 takes a group in the protocol of KIP-848 for dead.
    @Test func groupOfTheNewerProtocolIsInUseToo() async throws {
        try await withIngestor { bootstrap, _ in
            let groups = Groups(bootstrap: bootstrap)
            try await Peer.confluent.create(["shared"], partitions: 4, at: bootstrap)
            let script = try BuiltPackage.root().appending("Tests/Peers/confluent_new_protocol.py")
            let arguments = [script.string, "member", bootstrap, "readers", "shared", "consumer"]
            try await withProcess(BuiltPackage.python(), arguments: arguments) { member in
                _ = try await member.waitForLine("has 4")
                try await Peer.confluent.produce(records(1), codec: "none", to: bootstrap)
                _ = try await member.waitForLine("read shared 0 0")
                let text = try await groups.text("describe", "readers")
                #expect(text.hasPrefix("group readers\nStable"), "\(text)")
                #expect(text.contains("its members cannot be shown"), "\(text)")
                let all = try await groups.text("lag")
                #expect(all.contains(#/readers +Stable +shared +1 +0/#), "\(all)")
                let reset = try await groups.failure("reset", "readers", "--to-earliest")
                #expect(reset.contains("is in use (Stable)"), "\(reset)")
                member.kill(SIGTERM)
                #expect(try await member.waitForExit() == .exited(0), "\(member.errorOutput.soFar)")
            }
            _ = try await groups.text("reset", "readers", "--to-earliest", "--execute")
        }
    }

    @Test func groupIsResetAndDeleted() async throws {
        try await withIngestor { bootstrap, _ in
            let groups = Groups(bootstrap: bootstrap)
            try await withMember(.confluent, at: bootstrap) {}
            try await Peer.confluent.produce(records(4), codec: "none", to: bootstrap)
            func lags() async throws -> [Int64?] {
                let lags: [Lag] = try await groups.json("lag", "readers")
                return lags.flatMap { $0.partitions.map(\.lag) }
            }
            #expect(try await lags() == [1, 1, 1, 1])
            let all = try await groups.text("lag")
            #expect(all.contains(#/readers +Empty +shared +4 +4/#), "\(all)")

            let preview = try await groups.text("reset", "readers", "--to-earliest")
            #expect(preview.contains("nothing is changed; add --execute"), "\(preview)")
            #expect(try await lags() == [1, 1, 1, 1])
            let reset: Reset = try await groups.json("reset", "readers", "--to-earliest", "--execute")
            #expect(reset.isDone)
            #expect(reset.partitions.map(\.currentOffset) == [2, 2, 2, 2])
            #expect(try await lags() == [3, 3, 3, 3])

            let moved: Reset = try await groups.json(
                "reset",
                "readers",
                "--to-offset",
                "50",
                "--topic",
                "shared:1",
                "--yes"
            )
            #expect(moved.partitions.map(\.newOffset) == [3])
            #expect(moved.partitions.map(\.isMoved) == [true])
            #expect(try await lags() == [3, 0, 3, 3])
            // Partition 0 has no record that is as late.
            let time = "\(Corpus.start + 5)"
            let timed: Reset = try await groups.json("reset", "readers", "--to-time", time, "--execute")
            #expect(timed.partitions.map(\.newOffset) == [3, 1, 1, 1])
            _ = try await groups.text("reset", "readers", "--to-latest", "--execute")
            #expect(try await lags() == [0, 0, 0, 0])

            _ = try await groups.text("delete", "readers", "--topic", "shared:0,3", "--yes")
            #expect(try await lags() == [0, 0])
            #expect(try await groups.run(["delete", "readers"]).status == .exited(64), "nobody can be asked")
            #expect(try await groups.text("delete", "readers", "--yes") == "deleted readers\n")
            #expect(try await groups.text("list") == "no groups\n")
        }
    }

    @Test func groupIsMadeByItsFirstOffsets() async throws {
        try await withIngestor { bootstrap, _ in
            let groups = Groups(bootstrap: bootstrap)
            try await Peer.confluent.create(["shared"], partitions: 4, at: bootstrap)
            let nothing = try await groups.failure("reset", "new", "--to-earliest", "--execute")
            #expect(nothing.contains("--topic"), "\(nothing)")
            _ = try await groups.text("reset", "new", "--to-latest", "--topic", "shared", "--execute")
            let list: [Summary] = try await groups.json("list")
            #expect(list == [Summary(name: "new", state: "Empty", isSimple: true)])
            let missing = try await groups.failure("reset", "new", "--to-latest", "--topic", "shared:7", "--execute")
            #expect(missing.contains("no partition 7"), "\(missing)")
        }
    }

    @Test func whatIsNotThereIsAnError() async throws {
        try await withIngestor { bootstrap, _ in
            let groups = Groups(bootstrap: bootstrap)
            for arguments in [["describe", "nobodys"], ["lag", "nobodys"], ["delete", "nobodys", "--yes"]] {
                let result = try await groups.run(arguments)
                #expect(result.status == .exited(1))
                #expect(result.errorText.contains("nobodys"), "\(result.errorText)")
                #expect(result.text.isEmpty)
            }
            for arguments in [
                ["reset", "g"], ["reset", "g", "--to-earliest", "--to-latest"], ["reset", "g", "--to-offset", "-1"],
                ["reset", "g", "--to-time", "yesterday"], ["reset", "g", "--to-latest", "--topic", "t:x"],
            ] {
                #expect(try await groups.run(arguments).status == .exited(64), "\(arguments)")
            }
        }
    }
}
