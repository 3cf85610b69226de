import PipelineTesting
import Testing

/// What `hera source` refuses before it does anything.
@Suite(.timeLimit(.minutes(15))) struct SourceCommandTests {
    @Test(arguments: [["--acks", "0"], ["--acks", "1"], ["--no-idempotence"], ["--property", "acks=1"]])
    func aGroundTruthNeedsToKnowWhatIsInTheTopics(_ options: [String]) async throws {
        let result = try await runProgram(
            BuiltPackage.program(),
            arguments: ["source", "127.0.0.1:1", "10", "--truth", "/dev/null/truth"] + options
        )
        #expect(!result.status.isSuccess)
        #expect(result.errorText.contains("a ground truth needs acknowledgements of all replicas"))
    }

    @Test(arguments: ["--rate", "--count", "--parallelism"])
    func aNumberBelowTheRangeIsToldItsRange(_ option: String) async throws {
        let result = try await Zone.hera("source", "127.0.0.1:1", "10", option, "-5")
        #expect(!result.status.isSuccess)
        #expect(result.errorText.contains("is -5"), "\(result.errorText)")
    }
}
