import ArgumentParser
import Foundation
import Pipeline

/// The flag of every command that has settings.
struct ConfigurationFileOption: ParsableArguments {
    @Option(help: ArgumentHelp("The configuration (default: hera.yaml, where there is one).", valueName: "file"))
    var config: String?

    /// Defaults, then the file, then the environment.
    func load() async throws -> PipelineConfiguration {
        try await PipelineConfiguration.load(file: config, environment: ProcessInfo.processInfo.environment)
    }
}
