import Configuration
import ConnectAPI
import Foundation
import PlainText
import SystemPackage
import Yams

extension PipelineConfiguration {
    /// The file that is read where nobody names one.
    package static let defaultFile = "hera.yaml"

    /// Reads the configuration: defaults, then the file, then the environment.
    ///
    /// - Parameters:
    ///   - file: the path of a YAML file; `nil` reads `hera.yaml` where there is one.
    ///   - environment: variables by name; those that start with `HERA_` count.
    /// - Throws: `ConfigurationError` for an unknown key, a value of a wrong type or out of its range.
    package static func load(
        file: String?,
        environment: [String: String]
    ) async throws -> PipelineConfiguration {
        let path = file ?? defaultFile
        let exists = FileManager.default.fileExists(atPath: path)
        if file != nil, !exists { throw ConfigurationError.missing(path) }

        var providers: [any ConfigProvider] = [try environmentProvider(environment)]
        if exists, try hasKeys(file: path) {
            do {
                providers.append(try await FileProvider<YAMLSnapshot>(filePath: FilePath(path)))
            } catch {
                throw ConfigurationError.notReadable(path, "\(error)")
            }
        }
        let reader = ConfigReader(providers: providers)
        var configuration = PipelineConfiguration()
        for setting in Setting.all {
            try await configuration.take(setting, from: reader)
        }
        return configuration
    }

    private mutating func take(_ setting: Setting, from reader: ConfigReader) async throws {
        let key = ConfigKey(setting.key)
        switch setting.target {
        case .text(let path):
            guard let text = try await value("text", of: setting.key, { try await reader.fetchString(forKey: key) })
            else { return }
            self[keyPath: path] = text
        case .choice(let path, let choices):
            guard let text = try await value("a word", of: setting.key, { try await reader.fetchString(forKey: key) })
            else { return }
            guard choices.contains(text) else {
                throw ConfigurationError.noChoice(choices, key: setting.key, value: text)
            }
            self[keyPath: path] = text
        case .number(let path, let range):
            guard
                let number = try await value(
                    "a whole number",
                    of: setting.key,
                    { try await reader.fetchInt(forKey: key) }
                )
            else { return }
            guard range.contains(number) else {
                throw ConfigurationError.outside(range, key: setting.key, value: number)
            }
            self[keyPath: path] = number
        case .flag(let path):
            guard
                let flag = try await value(
                    "true or false",
                    of: setting.key,
                    { try await reader.fetchBool(forKey: key) }
                )
            else { return }
            self[keyPath: path] = flag
        }
    }

    private func value<Value>(
        _ type: String,
        of key: String,
        _ fetch: () async throws -> Value?
    ) async throws(ConfigurationError) -> Value? {
        do { return try await fetch() } catch { throw ConfigurationError.notA(type, key: key) }
    }

    private static func environmentProvider(
        _ environment: [String: String]
    ) throws(ConfigurationError) -> any ConfigProvider {
        let ours = environment.filter { $0.key.hasPrefix("HERA_") }
        let known = Setting.all.map(\.environmentVariable)
        for name in ours.keys.sorted() where !known.contains(name) {
            throw .unknown(name, origin: "environment", suggestion: EditDistance.nearest(to: name, among: known))
        }
        return EnvironmentVariablesProvider(environmentVariables: ours).prefixKeys(with: "hera")
    }

    /// Whether the file says anything at all; every key that it says is one of ours.
    private static func hasKeys(file path: String) throws(ConfigurationError) -> Bool {
        let tree: Any?
        do {
            tree = try Yams.load(yaml: String(contentsOfFile: path, encoding: .utf8))
        } catch {
            throw .notReadable(path, "\(error)")
        }
        guard let tree else { return false }
        guard let map = tree as? [String: Any] else { throw .notReadable(path, "it has to be a map of keys") }
        let known = Setting.all.map(\.key)
        let keys = flatten(map, under: "")
        for key in keys.sorted() where !known.contains(key) {
            throw .unknown(key, origin: path, suggestion: EditDistance.nearest(to: key, among: known))
        }
        return !keys.isEmpty
    }

    /// The keys of a map and of the maps in it, with dots between. A section whose keys are all commented out has none.
    private static func flatten(_ map: [String: Any], under prefix: String) -> [String] {
        map.flatMap { name, value in
            let key = prefix + name
            if let section = value as? [String: Any] { return flatten(section, under: key + ".") }
            let isSection = Setting.all.contains { $0.key.hasPrefix(key + ".") }
            return value is NSNull && isSection ? [] : [key]
        }
    }
}
