import ArgumentParser
import Foundation
import Pipeline

/// The flags of every command that works on the embedded pipeline.
struct ConfigurationOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The directory that keeps everything (default: hera-data).", valueName: "dir"))
    var data: String?

    @Option(help: ArgumentHelp("The configuration (default: hera.yaml, where there is one).", valueName: "file"))
    var config: String?

    /// Defaults, then the file, then the environment, then `--data`.
    func load() async throws -> PipelineConfiguration {
        var configuration = try await PipelineConfiguration.load(
            file: config,
            environment: ProcessInfo.processInfo.environment
        )
        if let data { configuration.data = data }
        return configuration
    }
}
