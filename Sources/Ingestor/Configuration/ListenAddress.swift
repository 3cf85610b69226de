/// A host and a port, as `HOST:PORT`; an IPv6 address stands in brackets.
package struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    package var host: String
    /// 0 takes a free one.
    package var port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `HOST:PORT`; `nil` where the text is none.
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
        // A name may begin with 127 too, and lead anywhere.
        return host.hasPrefix("127.") && host.split(separator: ".").allSatisfy { UInt32($0) != nil }
    }

    /// Why clients cannot be told to use this address; `nil` where they can. An address that stands for "every address of
    /// this machine" would send each client to itself.
    package var advertisingProblem: String? {
        let isWildcard = host.allSatisfy { "0.:".contains($0) } || host.lowercased().hasPrefix("::ffff:0")
        if isWildcard || host == "*" {
            return "clients cannot be told to use \(self), which means every address of the machine that they run on: "
                + "advertise the name or the address by which they reach this one"
        }
        if port < 1 {
            return "clients cannot be told to use port \(port): advertise the one by which they reach this machine"
        }
        return nil
    }
}
