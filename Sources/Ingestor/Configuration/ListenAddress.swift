import NIOCore

/// A host and a port, as `HOST:PORT`; an IPv6 address stands in brackets.
package struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    package var host: String
    /// 0 takes a free one.
    package var port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Parses `HOST:PORT`.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty else { return nil }
        self.init(host: String(host), port: Int(port))
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Whether only this machine can reach it.
    package var isLoopback: Bool {
        if host == "localhost" || host == "::1" || host == "0:0:0:0:0:0:0:1" { return true }
        // A host name may begin with 127 too, and resolve to any address.
        return host.hasPrefix("127.") && host.split(separator: ".").allSatisfy { UInt32($0) != nil }
    }

    /// Whether it means all addresses of a machine: a client that is told to connect to it connects to itself.
    package var isWildcard: Bool {
        guard !host.isEmpty else { return false }
        return host.allSatisfy { "0.:".contains($0) } || host.lowercased().hasPrefix("::ffff:0") || host == "*"
    }
}

extension ListenAddress {
    /// The local address of a connection: its client can reach it.
    init(ofLocal channel: any Channel) {
        self.init(host: channel.localAddress?.ipAddress ?? "127.0.0.1", port: channel.localAddress?.port ?? 0)
    }
}
