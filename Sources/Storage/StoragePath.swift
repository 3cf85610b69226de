/// A path below the root of a storage: components joined by `/`, without one in front.
///
/// Normal form is made when the value is made, so that equal places are equal values: `//tmp/./logs/` is `tmp/logs`.
/// There is no way out of the root: `..` is refused.
package struct StoragePath: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The path in normal form; empty for the root itself.
    package let string: String

    /// The root of the storage.
    package static let root = StoragePath(normal: "")

    private init(normal string: String) {
        self.string = string
    }

    /// Reads a path; slashes that are doubled, in front or behind, and `.` count for nothing.
    ///
    /// - Throws: `StorageError` with the code `invalidPath` where a component is `..` or holds a zero byte.
    package init(_ text: some StringProtocol) throws(StorageError) {
        var components: [Substring] = []
        for component in text.split(separator: "/") where component != "." {
            guard component != ".." else {
                throw StorageError(.invalidPath, .path, String(text), "'..' would lead out of the storage")
            }
            guard !component.utf8.contains(0) else {
                throw StorageError(.invalidPath, .path, String(text), "a path cannot hold a zero byte")
            }
            components.append(Substring(component))
        }
        string = components.joined(separator: "/")
    }

    /// The path of `relative` below this one.
    ///
    /// - Throws: `StorageError` with the code `invalidPath`, as `init` does.
    package func appending(_ relative: some StringProtocol) throws(StorageError) -> StoragePath {
        let below = try StoragePath(relative)
        if string.isEmpty { return below }
        if below.string.isEmpty { return self }
        return StoragePath(normal: string + "/" + below.string)
    }

    /// The directory that holds this path; the root's is the root.
    package var parent: StoragePath {
        guard let slash = string.lastIndex(of: "/") else { return .root }
        return StoragePath(normal: String(string[..<slash]))
    }

    /// The last component; empty for the root.
    package var name: String {
        guard let slash = string.lastIndex(of: "/") else { return string }
        return String(string[string.index(after: slash)...])
    }

    package var description: String { string.isEmpty ? "/" : string }

    package static func < (left: StoragePath, right: StoragePath) -> Bool { left.string < right.string }
}
