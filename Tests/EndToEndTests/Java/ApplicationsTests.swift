import PipelineTesting
import Testing

/// What Schema Registry, Debezium and Kafka Streams ask a cluster for, replayed with Kafka's own client.
@Suite(.timeLimit(.minutes(5))) struct ApplicationsTests {
    @Test func programsThatKeepTheirStateInTopicsAreAnswered() async throws {
        try await withIngestor { bootstrap, _ in
            let result = try await Java.run("Applications.java", [bootstrap])
            try #require(result.status == .exited(0), "\(result.errorText)")
            let seen = result.text.split(separator: "\n").map { String($0.replacing("\t", with: ": ")) }
            #expect(seen == Self.registry + Self.history + Self.streams)
        }
    }

    private static let registry = [
        "registry looks for its topic: UnknownTopicOrPartitionException", "registry makes it: null",
        "a second registry makes it: TopicExistsException", "registry checks it: 1 {cleanup.policy=compact}",
        "registry writes: 4", "registry reads to the end: {subject-1=c}",
    ]

    private static let history = [
        "history asks for the factor: {default.replication.factor=1}", "history makes its topic: null",
        "history checks it: true {cleanup.policy=delete, retention.bytes=-1, retention.ms=9223372036854775807}",
        "history writes: 9", "history is recovered: 10 from 0",
    ]

    private static let streams = [
        "streams looks for its topics: UnknownTopicOrPartitionException", "streams makes its topics: null",
        "streams changes one: {cleanup.policy=compact,delete, retention.ms=91000000}", "streams writes: 30",
        "streams sees the end: 31", "streams restores: {k1=28, k2=29}", "streams purges: 10",
        "streams divides: members with one: 2, records from 10 and 0: 20",
        "streams commits: {0=15 time, 1=15 time}", "threads stay: Stable, 2, stream",
        "threads are taken out: Empty, 0, ", "the application is reset: [words-windows-changelog]",
    ]
}
