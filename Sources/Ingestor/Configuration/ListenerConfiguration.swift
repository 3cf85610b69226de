/// An address that the ingestor listens at, and the one that clients which come that way are told to connect to.
///
/// A client first connects to an address that it was given, then to the one that the ingestor names. With a listener for
/// each route a client is always sent back on the route it came by.
package struct ListenerConfiguration: Sendable, Equatable {
    /// The name of the listener where there is one alone: Kafka's for connections that are neither encrypted nor
    /// authenticated.
    package static let defaultName = "PLAINTEXT"
    /// The longest name.
    private static let nameLengthMax = 64

    /// Tells it from others, as in Kafka's `listeners`; capital letters make no difference.
    package var name: String
    /// Port 0 takes a free one.
    package var listen: ListenAddress
    /// The address that its clients are told; with `nil`, the one that they connected to. A wildcard, by which every client
    /// would connect to itself, is refused with a warning, and has the same effect.
    package var advertised: ListenAddress?

    package init(name: String = defaultName, listen: ListenAddress, advertised: ListenAddress? = nil) {
        self.name = name
        self.listen = listen
        self.advertised = advertised
    }

    /// The address that its clients are told, whatever they connected to.
    var route: ListenAddress? { advertised.flatMap { $0.isWildcard ? nil : $0 } }
    /// How the listener is named beside others.
    fileprivate var key: String { name.lowercased() }

    /// What is wrong with it alone; `nil` where nothing is.
    fileprivate var problem: String? {
        let isName = name.utf8.allSatisfy { byte in
            UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
                || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
        }
        guard isName, 1...Self.nameLengthMax ~= name.utf8.count else {
            return
                "'\(name)' is no name of a listener: it has 1 to \(Self.nameLengthMax) letters a-z and A-Z, digits, '_' "
                + "and '-'"
        }
        guard let advertised else { return nil }
        if advertised.host.isEmpty || advertised.port < 1 {
            return "clients cannot be told to use \(advertised): advertise the name and the port by which they reach "
                + "this machine"
        }
        return nil
    }
}

extension [ListenerConfiguration] {
    /// How these contradict each other; `nil` where they do not.
    func problem(limit: Int) -> String? {
        if isEmpty { return "there is no address to listen at: give ingestor.listen one" }
        if count > limit { return "there are \(count) listeners, and at most \(limit) can be: leave some out" }
        for (place, listener) in enumerated() {
            if let problem = listener.problem { return problem }
            for other in self[..<place] {
                if let problem = Self.conflict(other, listener) { return problem }
            }
        }
        return nil
    }

    private static func conflict(_ one: ListenerConfiguration, _ other: ListenerConfiguration) -> String? {
        if one.key == other.key {
            return "two listeners have the name '\(other.name)': give each a name of its own, as in "
                + "internal://127.0.0.1:9092,external://0.0.0.0:9094"
        }
        let (first, second) = (one.listen, other.listen)
        if first.port == second.port, first.port != 0,
            first.host == second.host || first.isWildcard || second.isWildcard
        {
            return
                "the listeners '\(one.name)' (\(first)) and '\(other.name)' (\(second)) would have the same port of the "
                + "same address: give one of them another port"
        }
        if let advertised = other.route, advertised == one.route {
            return
                "the listeners '\(one.name)' and '\(other.name)' are both advertised as \(advertised), so clients of one "
                + "would be sent to the other: advertise another address for one of them"
        }
        return nil
    }
}

/// An address of a listener, as people write it: `HOST:PORT`, or `NAME://HOST:PORT` where there are several.
package struct NamedAddress: Sendable, Equatable {
    package let name: String?
    package let address: ListenAddress

    private init?(_ text: Substring) {
        guard let mark = text.firstRange(of: "://") else {
            guard let address = ListenAddress(String(text)) else { return nil }
            (name, self.address) = (nil, address)
            return
        }
        guard let address = ListenAddress(String(text[mark.upperBound...])) else { return nil }
        (name, self.address) = (String(text[..<mark.lowerBound]), address)
    }

    /// Reads a list with commas; `nil` where a part of it is no address.
    package static func list(_ text: String) -> [NamedAddress]? {
        var list: [NamedAddress] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let address = NamedAddress(part.drop { $0 == " " }) else { return nil }
            list.append(address)
        }
        return list
    }
}

extension [ListenerConfiguration] {
    /// The listeners at these addresses. One without a name has ``ListenerConfiguration/defaultName``.
    package init(at addresses: [NamedAddress]) {
        self = addresses.map {
            ListenerConfiguration(name: $0.name ?? ListenerConfiguration.defaultName, listen: $0.address)
        }
    }

    /// Gives listeners the addresses that their clients are told, by name; one without a name is that of the only listener.
    ///
    /// - Returns: why that cannot be; `nil` where it is done.
    package mutating func advertise(_ addresses: [NamedAddress]) -> String? {
        for advertised in addresses {
            let place: Int
            if let name = advertised.name {
                guard let found = firstIndex(where: { $0.key == name.lowercased() }) else {
                    return "names the listener '\(name)'; there is \(map(\.name).joined(separator: ", "))"
                }
                place = found
            } else {
                guard count == 1 else {
                    return
                        "has \(advertised.address) without the name of a listener: write NAME://\(advertised.address), "
                        + "where NAME is one of \(map(\.name).joined(separator: ", "))"
                }
                place = 0
            }
            guard self[place].advertised == nil else {
                return "has two addresses for the listener '\(self[place].name)'"
            }
            self[place].advertised = advertised.address
        }
        return nil
    }
}
