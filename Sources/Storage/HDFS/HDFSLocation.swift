import Foundation

/// A directory of an HDFS, as a URL names it.
///
///     hdfs://host:8020/path          the RPC address, as Hadoop's tools have it; the HTTP address is derived
///     hdfs://nameservice/path        from hdfs-site.xml in `hadoop.conf.dir`
///     hdfs:///path                   fs.defaultFS of core-site.xml
///     webhdfs://host:9870/path       the HTTP address of a NameNode, a gateway or HttpFS
///     swebhdfs://host:9871/path      the same over TLS
///     webhdfs://one:9870,two:9870/   several NameNodes, of which one is active
package struct HDFSLocation: Hashable, Sendable, CustomStringConvertible {
    package enum Scheme: String, Sendable, CaseIterable {
        case hdfs, webhdfs, swebhdfs
    }

    /// A name or address, and a port if one is said.
    package struct Host: Hashable, Sendable {
        let name: String
        let port: Int?

        /// - Returns: `nil` if `text` is not `HOST` or `HOST:PORT`.
        init?(_ text: some StringProtocol) {
            let text = String(text)
            let end: String.Index
            if text.hasPrefix("[") {
                guard let bracket = text.firstIndex(of: "]") else { return nil }
                end = text.index(after: bracket)
                guard text[..<end].dropFirst().dropLast().allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }) else {
                    return nil
                }
            } else {
                end = text.firstIndex(of: ":") ?? text.endIndex
                guard text[..<end].utf8.allSatisfy(Self.isOfName), end != text.startIndex else { return nil }
            }
            name = String(text[..<end])
            if end == text.endIndex {
                port = nil
                return
            }
            let digits = text[end...].dropFirst()
            guard text[end] == ":", digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let number = Int(digits), (1...65_535).contains(number)
            else { return nil }
            port = number
        }

        private static func isOfName(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                true
            default: false
            }
        }

        /// Reads `HOST:PORT,…`; `nil` if an entry is no host.
        static func list(_ text: some StringProtocol) -> [Host]? {
            var hosts: [Host] = []
            for entry in text.split(separator: ",", omittingEmptySubsequences: false) {
                guard let host = Host(entry) else { return nil }
                hosts.append(host)
            }
            return hosts
        }
    }

    package let scheme: Scheme
    /// The hosts that the URL names; none if it means the default file system of Hadoop's configuration.
    package let hosts: [Host]
    /// The user in front of the host, where one is.
    package let user: String?
    /// The directory, from the root of the HDFS.
    package let path: StoragePath

    /// Reads what follows the colon of the scheme.
    ///
    /// - Throws: `StorageError` with the code `invalidPath` if it is not such a URL.
    init(_ scheme: Scheme, _ rest: Substring, of text: String) throws(StorageError) {
        // What is in front of a host, or behind a question mark, may be a password or a token: it is not repeated.
        let hasSecret = text.contains("@") || text.contains("?")
        func wrong(_ reason: String) -> StorageError {
            StorageError(.invalidPath, .use, hasSecret ? "\(scheme)://…" : text, reason)
        }
        guard rest.hasPrefix("//") else { throw wrong("it needs two slashes, as in \(scheme)://namenode/HeraSDG") }
        let place = rest.dropFirst(2)
        var authority = place.prefix { $0 != "/" }
        let below = place.dropFirst(authority.count)
        self.scheme = scheme
        if let at = authority.lastIndex(of: "@") {
            let name = authority[..<at]
            guard !name.contains(":") else {
                throw wrong("a URL is no place for a password; give it as HERA_STORAGE_PASSWORD")
            }
            guard let decoded = String(name).removingPercentEncoding, !decoded.isEmpty else {
                throw wrong("there is no user in front of the '@'")
            }
            user = decoded
            authority = authority[authority.index(after: at)...]
        } else {
            user = nil
        }
        if authority.isEmpty {
            guard scheme == .hdfs else { throw wrong("it names no host") }
            hosts = []
        } else {
            guard let list = Host.list(authority) else {
                let shown = hasSecret ? "the part in front of the path" : "'\(authority)'"
                throw wrong("\(shown) is not HOST:PORT, nor several with commas between")
            }
            hosts = list
        }
        guard !below.contains("?"), !below.contains("#") else {
            throw wrong("a storage has no query; write '?' as %3F and '#' as %23")
        }
        guard let decoded = String(below).removingPercentEncoding else {
            throw wrong("a '%' has to be followed by two hexadecimal digits")
        }
        path = try StoragePath(decoded)
    }

    package var description: String { path == .root ? server : server + "/" + path.string }

    /// The same without the directory.
    var server: String {
        let hosts = hosts.map { host in host.port.map { "\(host.name):\($0)" } ?? host.name }.joined(separator: ",")
        return "\(scheme)://\(user.map { $0 + "@" } ?? "")\(hosts)"
    }
}
