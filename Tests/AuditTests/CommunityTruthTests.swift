import Audit
import CommitLedger
import Community
import GroundTruth
import KafkaClient
import KafkaTopics
import PipelineTesting
import Storage
import Testing

/// What the community's truth adds to an audit.
@Suite(.timeLimit(.minutes(15))) struct CommunityTruthTests {
    private let directory = ScratchDirectory()

    private func origin(_ topic: String) -> FileOrigin {
        FileOrigin(TopicPartition(topic: topic, partition: 0))
    }

    private func read(_ zone: FiledZone, _ truth: CommunityTruth) async throws -> ZoneReader.PartitionZone {
        var configuration = zone.audit(ClientConfiguration(bootstrap: []), now: { 0 })
        configuration.supplement = truth
        let reader = try ZoneReader(configuration)
        let history = try await reader.reader.history(of: FiledZone.partition)
        let paths = try await reader.list(FiledZone.partition.topic).files[FiledZone.partition] ?? []
        return try await reader.read(FiledZone.partition, history, paths)
    }

    @Test func amountsOfAllFilesAreSummedUp() async throws {
        var zone = try await FiledZone()
        try await zone.file(0..<2) { #"{"id_utente": "HE_\#($0)", "prezzo(tk)": 5}"# }
        try await zone.file(2..<4) { #"{"id_utente": "HE_\#($0)", "prezzo(tk)": 10}"# }
        var truth = GroundTruth(
            run: "run",
            configuration: CommunityConfiguration(initialSize: 0),
            startedAtMilliseconds: 0
        )
        truth.outcome = .completed
        try truth.write(to: GroundTruth.path(of: "run", in: "\(directory.path)"))
        let community = try CommunityTruth(directory: "\(directory.path)")
        let tally = try #require(try await read(zone, community).tally)
        let findings = community.findings([tally], [], topicIDs: [:])
        #expect(findings.truth.map(\.topic) == ["utenti", "comportamenti", "premi"])
        #expect(findings.truth.map(\.filedHundredths) == [nil, 0, 3_000])
        #expect(findings.troubles.map(\.kind) == [.countsDiffer], "the source sent none of the records")
    }

    @Test func withoutARunNothingIsCompared() throws {
        let community = try CommunityTruth(directory: "\(directory.path)")
        let findings = community.findings([], [], topicIDs: [:])
        #expect(findings.truth.isEmpty)
        #expect(findings.notes.count == 1)
    }

    @Test func topicsOfOthersAndUsersHaveNoAmounts() throws {
        let community = try CommunityTruth(directory: "\(directory.path)")
        #expect(community.tally(of: origin("orders")) == nil)
        #expect(community.tally(of: origin("utenti")) == nil)
        #expect(community.tally(of: origin("premi")) != nil)
    }
}
