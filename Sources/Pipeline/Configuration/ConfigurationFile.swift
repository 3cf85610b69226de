import Configuration
import Foundation
import PlainText
import SystemPackage
import Yams

/// `hera.yaml`, of which every key is known and has one value.
struct ConfigurationFile {
    /// Bounds of what is read.
    enum Limits {
        /// A configuration of this program is some lines; a larger file is another one.
        static let fileBytesMax = 1 << 20
        /// Sections within sections.
        static let depthMax = 16
    }

    let path: String
    /// `nil` where the file says nothing.
    let provider: (any ConfigProvider)?
    /// Properties of librdkafka, from the section `client`, as they are written.
    let clientProperties: [String: String]
    /// The line of each key, from 1.
    private let lines: [String: Int]

    /// - Throws: where it cannot be read, is not YAML, or has an unknown key or a key without a value.
    init(path: String) async throws(ConfigurationError) {
        self.path = path
        let root: Node?
        do {
            root = try Yams.compose(yaml: try Self.text(path))
        } catch let error as ConfigurationError {
            throw error
        } catch {
            throw .notReadable(path, "it is not YAML: \(error)")
        }
        var keys = Keys(path: path)
        if let root, root.null == nil {
            guard let mapping = root.mapping else { throw .notReadable(path, "it has to be a map of keys") }
            try keys.take(mapping, under: "", depth: 0)
        }
        lines = keys.lines
        clientProperties = keys.clientProperties
        guard !lines.isEmpty else {
            provider = nil
            return
        }
        do {
            provider = try await FileProvider<YAMLSnapshot>(filePath: FilePath(path))
        } catch {
            throw .notReadable(path, "it is not YAML: \(error)")
        }
    }

    /// Where the value of `key` stands: `hera.yaml:7`.
    func origin(of key: String) -> String { lines[key].map { "\(path):\($0)" } ?? path }

    private static func text(_ path: String) throws(ConfigurationError) -> String {
        do {
            let file = try FileDescriptor.open(FilePath(path), .readOnly)
            return try file.closeAfter {
                var bytes: [UInt8] = []
                var piece = [UInt8](repeating: 0, count: 1 << 16)
                while true {
                    let count = try piece.withUnsafeMutableBytes { try file.read(into: $0) }
                    guard count > 0 else { break }
                    bytes += piece.prefix(count)
                    if bytes.count > Limits.fileBytesMax {
                        throw ConfigurationError.notReadable(path, "it is larger than \(Limits.fileBytesMax) bytes")
                    }
                }
                guard let text = String(validating: bytes, as: UTF8.self) else {
                    throw ConfigurationError.notReadable(path, "it is not UTF-8")
                }
                return text
            }
        } catch let error as ConfigurationError {
            throw error
        } catch let error as Errno where error == .noSuchFileOrDirectory {
            throw .missing(path)
        } catch let error as Errno {
            throw .notReadable(path, error.description)
        } catch {
            throw .notReadable(path, "\(error)")
        }
    }

    /// The keys of a map and of the maps in it, with dots between.
    private struct Keys {
        let path: String
        var lines: [String: Int] = [:]
        var clientProperties: [String: String] = [:]

        mutating func take(_ map: Node.Mapping, under prefix: String, depth: Int) throws(ConfigurationError) {
            for (name, value) in map {
                let line = name.mark?.line ?? value.mark?.line ?? 1
                let origin = "\(path):\(line)"
                guard let text = name.scalar?.string, depth < Limits.depthMax else {
                    throw .unknown("\(prefix)…", origin: origin, suggestion: nil)
                }
                let key = prefix + text
                if let section = value.mapping {
                    try take(section, under: key + ".", depth: depth + 1)
                } else if key.hasPrefix(ClientSettings.prefix) {
                    let property = String(key.dropFirst(ClientSettings.prefix.count))
                    guard let text = value.scalar?.string, value.null == nil else { throw .noValue(key, origin) }
                    if let problem = ClientSettings.problem(property, text) { throw .wrong(key, origin, problem) }
                    clientProperties[property] = text
                } else {
                    try take(key, value, origin: origin, line: line)
                }
            }
        }

        private mutating func take(_ key: String, _ value: Node, origin: String, line: Int) throws(ConfigurationError) {
            let isKnown = Setting.all.contains { $0.key == key }
            // A section whose keys are all commented out says nothing.
            let isSection = Setting.all.contains { $0.key.hasPrefix(key + ".") } || key + "." == ClientSettings.prefix
            if isSection, value.null != nil { return }
            guard isKnown else {
                throw .unknown(
                    key,
                    origin: origin,
                    suggestion: EditDistance.nearest(to: key, among: Setting.all.map(\.key))
                )
            }
            guard value.scalar != nil, value.null == nil else { throw .noValue(key, origin) }
            lines[key] = line
        }
    }
}
