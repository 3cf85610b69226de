import PlainText

/// A way in which a record is bad, as real senders' records are. A record has one at most.
///
/// What of a bad record still counts is decided by the same rules as for all others (see ``RowValue``): an amount that
/// cannot be read gives no tokens, neither in the files nor on the user's account.
package enum Dirt: UInt8, CaseIterable, Sendable {
    /// A field is not there.
    case missingField
    /// A field is `null`.
    case nullField
    /// A text is a number, a truth value or a list; a number is a text.
    case wrongType
    /// The value ends too early to be JSON.
    case brokenJSON
    /// The object has a field that the contract does not know.
    case unknownKey
    /// An event that was sent a few records before is sent again.
    case duplicate
    /// The record's time is one hour to three days before its place in the sequence.
    case late
    /// The record's time is a second to ten minutes before its place in the sequence.
    case outOfOrder
    /// A negative or absurd amount; an age of 230 or below zero.
    case impossibleValue
    /// A partner who does not take part in the community.
    case unknownPartner
    /// A name or province of more than ``RowValue/textBytesMax`` bytes.
    case longText
    /// The key is not UTF-8.
    case badKey
    /// The value is null, under the user's key.
    case tombstone
    /// The value is the JSON text `null`, which the original's script sends for an event without a user.
    case nullText

    /// What the pipeline does with such a record.
    package enum Outcome: String, Sendable {
        /// It is in a file, byte for byte.
        case filed
        /// The sink's transform drops it, and counts it.
        case filtered
        /// The sink's converter cannot read it: it goes to the dead letter topic.
        case deadLettered = "dead-lettered"
    }

    /// The name on the command line and in the ground truth.
    package var name: String {
        switch self {
        case .missingField: "missing-field"
        case .nullField: "null-field"
        case .wrongType: "wrong-type"
        case .brokenJSON: "broken-json"
        case .unknownKey: "unknown-key"
        case .duplicate: "duplicate"
        case .late: "late"
        case .outOfOrder: "out-of-order"
        case .impossibleValue: "impossible-value"
        case .unknownPartner: "unknown-partner"
        case .longText: "long-text"
        case .badKey: "bad-key"
        case .tombstone: "tombstone"
        case .nullText: "null-text"
        }
    }

    /// The kind with this name; `nil` where there is none.
    package init?(name: some StringProtocol) {
        guard let kind = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = kind
    }

    package var outcome: Outcome {
        switch self {
        case .brokenJSON: .deadLettered
        case .tombstone, .nullText: .filtered
        default: .filed
        }
    }

    /// Whether records of a topic can be bad in this way.
    package func befalls(_ topic: CommunityTopic) -> Bool {
        self != .unknownPartner || topic != .users
    }
}

/// How many of the records are bad, by kind.
package struct DirtShares: Equatable, Sendable {
    /// The shares that are typical of data that many systems send.
    package static let realistic: [Dirt: Double] = [
        .missingField: 0.005, .nullField: 0.005, .wrongType: 0.002, .brokenJSON: 0.001, .unknownKey: 0.01,
        .duplicate: 0.01, .late: 0.01, .outOfOrder: 0.02, .impossibleValue: 0.002, .unknownPartner: 0.002,
        .longText: 0.0005, .badKey: 0.0005, .tombstone: 0.002, .nullText: 0.005,
    ]

    /// By kind, 0…1; kinds that do not occur are left out.
    package private(set) var shares: [Dirt: Double]
    /// By kind, in the order of `Dirt.allCases`: 64 random bits below this make it that kind, or one before it.
    private let bounds: [UInt64]

    /// Shares that are each 0…1, and together at most 1; `nil` where they are not.
    package init?(_ shares: [Dirt: Double]) {
        guard shares.values.allSatisfy({ (0...1).contains($0) }) else { return nil }
        var sum = 0.0
        var bounds: [UInt64] = []
        for kind in Dirt.allCases {
            sum += shares[kind] ?? 0
            // Shares such as 0.1 have no exact sum.
            guard sum <= 1 + 1e-9 else { return nil }
            bounds.append(sum >= 1 - 1e-9 ? .max : UInt64(sum * 0x1p64))
        }
        self.shares = shares.filter { $0.value > 0 }
        self.bounds = bounds
    }

    /// No record is bad.
    package static let none = DirtShares()

    private init() {
        shares = [:]
        bounds = Dirt.allCases.map { _ in 0 }
    }

    package var isEmpty: Bool { shares.isEmpty }

    /// Whether records are sent with a time before that of their place.
    package var changesTimes: Bool { shares[.late] != nil || shares[.outOfOrder] != nil }

    /// The kind of the next record; `nil`: it is good.
    func draw(using random: inout CommunityRandom) -> Dirt? {
        let number = random.next()
        guard let last = bounds.last, number < last else { return nil }
        for kind in Dirt.allCases where number < bounds[Int(kind.rawValue)] { return kind }
        return nil
    }

    /// The shares by name: `late=0.01,null-text=0.005`.
    package var text: String {
        Dirt.allCases.compactMap { kind in shares[kind].map { "\(kind.name)=\($0)" } }.joined(separator: ",")
    }
}

extension DirtShares {
    /// The word for ``realistic``.
    package static let presetName = "realistic"

    /// Why a text says no shares.
    package struct Problem: Error, Equatable, CustomStringConvertible {
        package let description: String
    }

    /// Reads `KIND=SHARE,…` and `realistic`; what stands later replaces what stands before. A share is a number from 0 to
    /// 1, or percent: `late=0.02` and `late=2%`.
    package init(text: String) throws(Problem) {
        var shares: [Dirt: Double] = [:]
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            if part == Self.presetName {
                shares.merge(Self.realistic) { _, preset in preset }
                continue
            }
            let pieces = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let kind = Dirt(name: pieces[0]) else { throw Self.unknown(pieces[0]) }
            guard pieces.count == 2, let share = Self.share(pieces[1]) else {
                throw Problem(
                    description: "\(kind.name) needs a share from 0 to 1, or from 0% to 100%, as in \(kind.name)=0.01"
                )
            }
            shares[kind] = share
        }
        guard let valid = DirtShares(shares) else {
            throw Problem(
                description: "the shares are more than 1 (100 %) together, and a record is bad in one way at most"
            )
        }
        self = valid
    }

    private static func unknown(_ name: Substring) -> Problem {
        let names = Dirt.allCases.map(\.name) + [presetName]
        let shown = PrintableText.escaping(String(name))
        let nearest = EditDistance.nearest(to: String(name), among: names)
        let advice = nearest.map { "did you mean '\($0)'?" } ?? "there are \(names.joined(separator: ", "))"
        return Problem(description: "there is no kind '\(shown)'; \(advice)")
    }

    /// A number from 0 to 1, or percent.
    private static func share(_ text: Substring) -> Double? {
        let isPercent = text.hasSuffix("%")
        let digits = isPercent ? text.dropLast() : text
        guard digits.utf8.allSatisfy({ UInt8(ascii: "0") <= $0 && $0 <= UInt8(ascii: "9") || $0 == UInt8(ascii: ".") }),
            let number = Double(digits)
        else { return nil }
        let share = isPercent ? number / 100 : number
        return (0...1).contains(share) ? share : nil
    }
}
