import Community
import GroundTruth
import KafkaClient
import Testing

@testable import DataSource

/// The bytes of a load are a promise as the bytes of a seed are (see `GoldenStreamTests`): all dials at once, by their
/// hash. Change it only with an entry in the changelog.
@Suite struct GoldenLoadTests {
    private func hash(_ form: PrintedForm, _ change: (inout DataSourceConfiguration) throws -> Void) async throws
        -> (bytes: Int, hash: UInt64)
    {
        var configuration = DataSourceConfiguration(
            community: CommunityConfiguration(seed: 42, initialSize: 1_000),
            producer: ProducerConfiguration(bootstrap: ["nobody:1"]),
            startedAtMilliseconds: 0
        )
        configuration.furtherRecords = 50_000
        try change(&configuration)
        // FNV-1a, 64 bits.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        var count = 0
        try await DryRun(configuration, clock: ContinuousClock(), form: form).run { bytes in
            count += bytes.count
            for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        }
        return (count, hash)
    }

    @Test func withoutDialsNothingIsDifferent() async throws {
        let found = try await hash(.text) { _ in }
        #expect(found == (7_212_799, 12_306_427_919_087_182_673))
    }

    @Test func allDialsAtOnce() async throws {
        let found = try await hash(.json) { configuration in
            configuration.community.skew = .heavy
            configuration.community.churn = 0.5
            configuration.community.personas = 8
            configuration.community.dirt = try #require(DirtShares(DirtShares.realistic))
            configuration.timing = .spread(from: 1_616_371_200_000, spanMilliseconds: 28 * 86_400_000)
            configuration.shape.curve = .weekly
            configuration.shape.burst = try RateShape.Burst(text: "10x30s/10m")
        }
        #expect(found == (10_514_618, 12_736_728_463_851_275_570))
    }
}
