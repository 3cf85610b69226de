import Foundation
package import SystemPackage

/// Where a storage lies, as flags and settings name it: a path of this machine, or a URL. The one place that decides
/// which file system serves it.
package enum StorageLocation: Hashable, Sendable, CustomStringConvertible {
    /// A directory of this machine.
    case directory(FilePath)
    /// A directory of an HDFS.
    case hdfs(HDFSLocation)

    /// Reads a path, or a URL such as `file:///var/lib/hera` or `hdfs://namenode/user/hera`.
    ///
    /// Text counts as a URL if a scheme and `://` stand in front, or `file:`; anything else is a path.
    ///
    /// - Throws: `StorageError` with the code `unsupported` if no file system serves the scheme, `invalidPath` if the URL is
    ///   not one of its scheme.
    package init(_ text: String) throws(StorageError) {
        guard let (scheme, rest) = Self.url(text) else {
            self = .directory(FilePath(text))
            return
        }
        if let scheme = HDFSLocation.Scheme(rawValue: scheme) {
            self = .hdfs(try HDFSLocation(scheme, rest, of: text))
            return
        }
        guard scheme == "file" else {
            throw StorageError(.unsupported, .use, text, "there is no file system for '\(scheme)' URLs in this build")
        }
        self = .directory(FilePath(try Self.path(ofFileURL: text, rest)))
    }

    /// Its path, if it lies on this machine.
    package var localPath: String? {
        switch self {
        case .directory(let path): path.string
        case .hdfs: nil
        }
    }

    package var description: String {
        switch self {
        case .directory(let path): path.string
        case .hdfs(let location): location.description
        }
    }

    /// The file system of this location. No server is asked yet.
    ///
    /// - Parameter options: how an HDFS is reached.
    /// - Throws: `StorageError` if the options, or Hadoop's configuration, do not say how.
    package func fileSystem(_ options: HDFSOptions = HDFSOptions()) throws(StorageError) -> any FileSystem {
        switch self {
        case .directory(let path): LocalFileSystem(root: path)
        case .hdfs(let location): try WebHDFSFileSystem(location, options)
        }
    }

    /// Whether text is `HOST:PORT,…`, as addresses of NameNodes are said.
    package static func isHostList(_ text: String) -> Bool { HDFSLocation.Host.list(text) != nil }

    /// The scheme in small letters, and what follows its colon; `nil` if the text is not a URL.
    private static func url(_ text: String) -> (scheme: String, rest: Substring)? {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let scheme = text[..<colon].lowercased()
        let rest = text[text.index(after: colon)...]
        let isScheme = scheme.utf8.allSatisfy { byte in
            UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
                || "+-.".utf8.contains(byte)
        }
        guard isScheme, scheme.first?.isLetter == true, scheme == "file" || rest.hasPrefix("//") else { return nil }
        return (scheme, rest)
    }

    private static func path(ofFileURL text: String, _ rest: Substring) throws(StorageError) -> String {
        var path = rest
        if path.hasPrefix("//") {
            path = path.dropFirst(2)
            let host = path.prefix { $0 != "/" }
            guard host.isEmpty || host.lowercased() == "localhost" else {
                throw StorageError(.unsupported, .use, text, "'\(host)' is another machine")
            }
            path = path.dropFirst(host.count)
        }
        guard path.hasPrefix("/"), let decoded = String(path).removingPercentEncoding, !decoded.contains("\0") else {
            throw StorageError(
                .invalidPath,
                .use,
                text,
                "a file URL needs an absolute path, such as file:///var/lib/hera"
            )
        }
        return decoded
    }
}
