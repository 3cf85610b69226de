import Configuration
import Foundation
import PlainText

extension PipelineConfiguration {
    /// The file that is read where none is named.
    package static let defaultFile = "hera.yaml"

    /// Reads the configuration: defaults, then the file, then the environment. Each value is checked where it is set, so
    /// an error says which file and line, or which variable, it is about.
    ///
    /// - Parameters:
    ///   - file: the path of a YAML file; `nil` reads `hera.yaml` where there is one.
    ///   - environment: variables by name; those that are settings count.
    ///   - onNotice: told once about variables that begin like settings and are none. Kubernetes puts some into each pod
    ///     beside a service of our name, so they are not an error.
    /// - Throws: `ConfigurationError` for an unknown key in the file, and for a value that its setting cannot have.
    package static func load(
        file: String?,
        environment: [String: String],
        onNotice: (String) -> Void = { _ in }
    ) async throws -> PipelineConfiguration {
        var configuration = PipelineConfiguration()
        var origins: [String: String] = [:]
        if let path = file ?? (FileManager.default.fileExists(atPath: defaultFile) ? defaultFile : nil) {
            let file = try await ConfigurationFile(path: path)
            if let provider = file.provider {
                let reader = ConfigReader(provider: provider)
                origins = try configuration.take(from: reader) { file.origin(of: $0.key) }
            }
            for (property, value) in file.clientProperties { configuration.client.set(property, value) }
        }
        let variables = EnvironmentSettings(environment)
        let reader = ConfigReader(provider: variables.provider)
        let fromEnvironment = try configuration.take(from: reader) { $0.environmentVariable }
        origins.merge(fromEnvironment) { _, later in later }
        for (property, value) in variables.clientProperties {
            if let problem = ClientSettings.problem(property, value) {
                throw ConfigurationError.wrong(
                    ClientSettings.prefix + property,
                    ClientSettings.variable(of: property),
                    problem
                )
            }
            configuration.client.set(property, value)
        }
        try configuration.checkSink(origins)
        if let notice = variables.notice { onNotice(notice) }
        return configuration
    }

    /// Takes all settings that `reader` has.
    ///
    /// - Returns: where each was said, by key.
    private mutating func take(
        from reader: ConfigReader,
        origin: (Setting) -> String
    ) throws(ConfigurationError) -> [String: String] {
        var origins: [String: String] = [:]
        for setting in Setting.all {
            guard let text = reader.string(forKey: ConfigKey(setting.key)) else { continue }
            let origin = origin(setting)
            if let problem = setting.take(text, into: &self) { throw .wrong(setting.key, origin, problem) }
            origins[setting.key] = origin
        }
        return origins
    }

    /// The sink's settings are the connector's own, so the connector judges them: one by one, and against each other.
    private func checkSink(_ origins: [String: String]) throws(ConfigurationError) {
        guard let problem = connectorProblem else { return }
        throw .wrong(problem.key, origins[problem.key] ?? "defaults", "is refused: \(problem.message)")
    }
}

/// What the environment says: variables that begin with `HERA_`.
private struct EnvironmentSettings {
    /// Bounds of the notice.
    enum Limits {
        /// Names that the notice lists; Kubernetes makes seven for each port of a service.
        static let namesMax = 12
    }

    let provider: any ConfigProvider
    /// Properties of librdkafka, from `HERA_CLIENT_…`.
    let clientProperties: [String: String]
    /// Which variables begin with `HERA_` but are not settings; `nil` where there are none.
    let notice: String?

    init(_ environment: [String: String]) {
        let known = Set(Setting.all.map(\.environmentVariable))
        var settings: [String: String] = [:]
        var properties: [String: String] = [:]
        var unknown: [String] = []
        for (name, value) in environment where name.hasPrefix("HERA_") {
            if known.contains(name) {
                settings[name] = value
            } else if let property = ClientSettings.property(ofVariable: name) {
                properties[property] = value
            } else {
                unknown.append(name)
            }
        }
        provider = EnvironmentVariablesProvider(environmentVariables: settings).prefixKeys(with: "hera")
        clientProperties = properties
        notice = Self.notice(unknown.sorted(), known: known.sorted())
    }

    private static func notice(_ unknown: [String], known: [String]) -> String? {
        guard !unknown.isEmpty else { return nil }
        var misspelt: [String] = []
        var others: [String] = []
        for name in unknown {
            if let near = EditDistance.nearest(to: name, among: known) {
                misspelt.append("\(name) (did you mean \(near)?)")
            } else {
                others.append(name)
            }
        }
        let all = misspelt + others
        let more = all.count > Limits.namesMax ? " and \(all.count - Limits.namesMax) more" : ""
        return "ignored, since they are not settings: \(all.prefix(Limits.namesMax).joined(separator: ", "))\(more)"
    }
}

/// A configuration that cannot be used: where it was said, which key, what is wrong, what to do.
package struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    package let description: String

    static func unknown(_ key: String, origin: String, suggestion: String?) -> ConfigurationError {
        let hint = suggestion.map { "; did you mean '\($0)'?" } ?? "; docs/CONFIGURATION.md lists the keys"
        return ConfigurationError(description: "\(origin): unknown key '\(key)'\(hint)")
    }

    static func notReadable(_ path: String, _ reason: String) -> ConfigurationError {
        ConfigurationError(description: "\(path): cannot be read as YAML: \(reason)")
    }

    static func missing(_ path: String) -> ConfigurationError {
        ConfigurationError(
            description: "\(path): no such configuration file; give --config the path of one, or leave it out"
        )
    }

    /// - Parameters:
    ///   - origin: the file with its line, or the variable.
    ///   - problem: what is wrong, to be read behind "the setting 'key'".
    static func wrong(_ key: String, _ origin: String, _ problem: String) -> ConfigurationError {
        ConfigurationError(description: "\(origin): the setting '\(key)' \(problem)")
    }

    static func noValue(_ key: String, _ origin: String) -> ConfigurationError {
        wrong(key, origin, "needs one value; give it one, or take the key out")
    }
}
