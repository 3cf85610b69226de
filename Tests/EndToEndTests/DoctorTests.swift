import Foundation
import PipelineTesting
import SystemPackage
import Testing

/// The way of a client to the ingestor, as `hera doctor kafka` and kcat see it.
@Suite(.timeLimit(.minutes(15))) struct DoctorTests {
    private struct Report: Decodable {
        struct Route: Decodable {
            struct Hop: Decodable {
                let step: String
                let isWell: Bool
                let cure: String?
            }
            let address: String
            let node: Int32?
            let hops: [Hop]
        }
        let isWell: Bool
        let start: Route
        let nodes: [Route]
    }

    private func run(_ arguments: String...) async throws -> ProgramResult {
        try await runProgram(BuiltPackage.program(), arguments: ["doctor", "kafka"] + arguments)
    }

    @Test func everyHopIsToldWhereAllIsWell() async throws {
        try await withIngestor { bootstrap, _ in
            let result = try await run(bootstrap)
            #expect(result.status == .exited(0), "\(result.errorText)")
            #expect(result.text.contains("node 0, told to be at \(bootstrap)\n"), "\(result.text)")
            #expect(result.text.hasSuffix("\nthe node is reached\n"), "\(result.text)")
            let report = try JSONDecoder().decode(Report.self, from: Data(try await run(bootstrap, "--json").output))
            #expect(report.isWell)
            #expect(report.start.address == bootstrap)
            #expect(report.nodes.map(\.hops.count) == [5])
        }
    }

    @Test func hopThatFailsIsNamedWithItsCure() async throws {
        try await withRefusedAddress { address in
            let result = try await run(address, "--json")
            #expect(result.status == .exited(1), "\(result.errorText)")
            let report = try JSONDecoder().decode(Report.self, from: Data(result.output))
            let hop = try #require(report.start.hops.last)
            #expect(hop.step == "connect" && !hop.isWell)
            #expect(hop.cure?.contains("nothing listens there") == true)
        }
    }

    @Test(arguments: ["nowhere", "h:0", "h:1 --timeout 0"])
    func otherWordsAreWrongUsage(words: String) async throws {
        let arguments = ["doctor", "kafka"] + words.split(separator: " ").map(String.init)
        let result = try await runProgram(BuiltPackage.program(), arguments: arguments)
        #expect(result.status == .exited(64), "\(result.errorText)")
    }

    /// Each client is told the listener that it came by, and nothing else.
    @Test func clientStaysOnItsRoute() async throws {
        try await withTemporaryDirectory { data in
            let arguments = [
                "ingestor", "--data", data.string, "--listen", "internal://127.0.0.1:0,external://127.0.0.1:0",
            ]
            try await withProcess(try BuiltPackage.program(), arguments: arguments) { ingestor in
                let ready = try await ingestor.waitForLine("ready kafka=")
                let routes = ready.split(separator: " ").dropFirst().map { String($0.drop { $0 != "=" }.dropFirst()) }
                #expect(routes.count == 2 && ready.contains(" kafka.external="), "\(ready)")
                for route in routes {
                    let listed = try await runProgram(
                        BuiltPackage.systemProgram("kcat"),
                        arguments: ["-b", route, "-L", "-J"]
                    )
                    #expect(listed.text.contains("\"name\":\"\(route)\""), "\(listed.text)")
                    #expect(try await run(route).status == .exited(0))
                }
                ingestor.kill(SIGTERM)
                #expect(try await ingestor.waitForExit() == .exited(0))
            }
        }
    }
}
