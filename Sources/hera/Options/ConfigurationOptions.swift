import ArgumentParser
import Pipeline

/// The flags of every command that works on the embedded pipeline.
struct ConfigurationOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The directory that keeps everything (default: hera-data).", valueName: "dir"))
    var data: String?

    @OptionGroup var file: ConfigurationFileOption

    func validate() throws {
        try Setting.check("--data", data, as: "data")
    }

    /// Defaults, then the file, then the environment, then `--data`.
    ///
    /// - Parameter isQuiet: whether nothing but errors is to be said.
    func load(isQuiet: Bool = false) async throws -> PipelineConfiguration {
        var configuration = try await file.load(isQuiet: isQuiet)
        if let data { configuration.data = data }
        return configuration
    }
}
