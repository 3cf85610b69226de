import ArgumentParser
import Foundation
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

/// The flag of every command that has settings.
struct ConfigurationFileOption: ParsableArguments {
    @Option(
        name: [.customLong("config"), .customLong("config-file")],
        help: ArgumentHelp("The configuration (default: hera.yaml, where there is one).", valueName: "file")
    )
    var config: String?

    /// Defaults, then the file, then the environment.
    ///
    /// - Parameter isQuiet: whether nothing but errors is to be said.
    func load(isQuiet: Bool) async throws -> PipelineConfiguration {
        try await PipelineConfiguration.loadForCommand(file: config, isQuiet: isQuiet)
    }
}

extension PipelineConfiguration {
    /// Reads the configuration; from then on files are made with the permissions it says.
    static func loadForCommand(file: String?, isQuiet: Bool) async throws -> PipelineConfiguration {
        let environment = ProcessInfo.processInfo.environment
        let configuration = try await load(file: file, environment: environment) { notice in
            if !isQuiet { StandardError.say("hera: environment: \(notice)") }
        }
        FilePrivacy(rawValue: configuration.permissions)?.apply()
        return configuration
    }
}

extension Setting {
    /// Throws a usage error where the value of `option` is given and not one that the setting `key` can have.
    static func check(_ option: String, _ value: String?, as key: String) throws(ValidationError) {
        guard let value, let problem = named(key)?.problem(with: value) else { return }
        throw ValidationError("\(option) \(problem)")
    }
}

extension TextRule {
    /// Throws a usage error where the value of `option` is given and breaks this rule.
    func check(_ option: String, _ value: String?) throws(ValidationError) {
        guard let value, let problem = problem(value) else { return }
        throw ValidationError("\(option) \(problem)")
    }
}
