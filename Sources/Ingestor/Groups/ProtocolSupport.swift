/// How many of a group's members support each protocol (assignor) by which a classic group assigns.
struct ProtocolSupport {
    private var supporters: [String: Int] = [:]
    private(set) var memberCount = 0

    /// Whether all members support it.
    func isCommon(_ name: String) -> Bool { supporters[name] == memberCount }

    /// Whether all members would still support a common protocol with this one among them.
    ///
    /// - Parameter own: What the member itself supported before, which does not count; `nil` for a new one.
    func hasCommon(with offered: [GroupProtocol], inPlaceOf own: [GroupProtocol]?) -> Bool {
        let before = Set(own?.map(\.name) ?? [])
        let others = memberCount - (own == nil ? 0 : 1)
        return offered.contains { protocolOffered in
            let name = protocolOffered.name
            return (supporters[name] ?? 0) - (before.contains(name) ? 1 : 0) == others
        }
    }

    mutating func add(_ protocols: [GroupProtocol]) { count(protocols, 1) }

    mutating func remove(_ protocols: [GroupProtocol]) { count(protocols, -1) }

    private mutating func count(_ protocols: [GroupProtocol], _ sign: Int) {
        memberCount += sign
        for name in Set(protocols.map(\.name)) {
            let count = supporters[name, default: 0] + sign
            supporters[name] = count == 0 ? nil : count
        }
    }
}
