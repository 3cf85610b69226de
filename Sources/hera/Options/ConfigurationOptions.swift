import ArgumentParser
import Pipeline

/// The flags of every command that works on the embedded pipeline.
struct ConfigurationOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The directory that keeps everything (default: hera-data).", valueName: "dir"))
    var data: String?

    @OptionGroup var file: ConfigurationFileOption

    /// Defaults, then the file, then the environment, then `--data`.
    func load() async throws -> PipelineConfiguration {
        var configuration = try await file.load()
        if let data { configuration.data = data }
        return configuration
    }
}
