/// A path below the root of a storage: components joined by `/`, without one in front.
///
/// A path is normalized when it is made, so that equal places are equal values: `//tmp/./logs/` is `tmp/logs`.
/// `..` is refused, so no path leads out of the root. Text is split by its bytes, as the kernel does it: a combining mark
/// after a slash would hide that slash from a split by characters.
package struct StoragePath: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The path in normal form; empty for the root itself.
    package let string: String

    /// The root of the storage.
    package static let root = StoragePath(normal: "")

    private static let slash = UInt8(ascii: "/")

    private init(normal string: String) {
        self.string = string
    }

    /// Reads a path; doubled, leading and trailing slashes and `.` are dropped.
    ///
    /// - Throws: `StorageError` with the code `invalidPath` if a component is `..` or holds a zero byte.
    package init(_ text: some StringProtocol) throws(StorageError) {
        let text = String(text)
        var components: [String] = []
        for component in text.utf8.split(separator: Self.slash) where !component.elementsEqual(".".utf8) {
            guard !component.elementsEqual("..".utf8) else {
                throw StorageError(.invalidPath, .path, text, "'..' would lead out of the storage")
            }
            guard !component.contains(0) else {
                throw StorageError(.invalidPath, .path, text, "a path cannot hold a zero byte")
            }
            components.append(String(Substring(component)))
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
        guard let slash = string.utf8.lastIndex(of: Self.slash) else { return .root }
        return StoragePath(normal: String(string[..<slash]))
    }

    /// The last component; empty for the root.
    package var name: String {
        guard let slash = string.utf8.lastIndex(of: Self.slash) else { return string }
        return String(Substring(string.utf8[string.utf8.index(after: slash)...]))
    }

    package var description: String { string.isEmpty ? "/" : string }

    // By bytes, as the kernel tells names apart: two forms of one Unicode text are two files.
    package static func == (left: StoragePath, right: StoragePath) -> Bool {
        left.string.utf8.elementsEqual(right.string.utf8)
    }

    package func hash(into hasher: inout Hasher) {
        var string = string
        string.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }

    /// In the order of `ZoneNames`: numbers in names count as numbers.
    package static func < (left: StoragePath, right: StoragePath) -> Bool {
        ZoneNames.precedes(left.string, right.string)
    }
}
