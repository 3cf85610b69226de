import PlainText

/// Writes events as the records that Kafka gets:
///
/// ```
/// key                value
/// id_utente          one JSON object, as Python's json.dumps writes it
/// NULL RECORD        none: the record is a tombstone
/// ```
///
/// All that does not depend on the user is made once; a value is then a few copies into the buffer.
package struct EventEncoder: Sendable {
    /// The key of a record that has no user.
    package static let tombstoneKey = "NULL RECORD"

    /// `{"id_utente": "`
    private let opening = Array(#"{"\#(EventKeys.user)": ""#.utf8)
    private let keyWithoutUser = Array(EventEncoder.tombstoneKey.utf8)
    /// By partner: `HE_`.
    private let prefixes = Partner.allCases.map { Array("\($0.idPrefix)_".utf8) }
    /// By behaviour: all that follows the id.
    private let behaviourEndings = Behaviour.allCases.map { behaviour in
        EventEncoder.ending(
            of: .behaviours,
            behaviour.partner,
            kind: behaviour.name,
            amount: PythonJSON.float(hundredths: behaviour.rewardHundredths)
        )
    }
    /// By prize: all that follows the id.
    private let prizeEndings = Prize.allCases.map { prize in
        EventEncoder.ending(
            of: .prizes,
            prize.partner,
            kind: prize.name,
            amount: "\(prize.price.tokens)"
        )
    }
    /// By sex: from behind the id to the birth date.
    private let sexes = Sex.allCases.map {
        Array(#"", "\#(EventKeys.sex)": "\#($0.code)", "\#(EventKeys.birthDate)": ""#.utf8)
    }
    /// From behind the birth date to the age.
    private let ageKey = Array(#"", "\#(EventKeys.age)": "#.utf8)
    /// By province: all that follows the age.
    private let provinces = Province.allCases.map { Array(#", "\#(EventKeys.province)": "\#($0.code)"}"#.utf8) }

    package init() {}

    /// Writes the key of `record` at the end of `buffer`.
    package func appendKey(of record: CommunityRecord, to buffer: inout [UInt8]) {
        if record.dirt == nil {
            appendID(of: record.event, to: &buffer)
        } else {
            appendKey(ofBad: record, to: &buffer)
        }
    }

    /// Writes the value of `record` at the end of `buffer`; `false`: it has none, and nothing is written.
    ///
    /// - Parameter key: what ``appendKey(of:to:)`` wrote; it is part of a good record's value.
    package func appendValue(of record: CommunityRecord, key: [UInt8], to buffer: inout [UInt8]) -> Bool {
        if record.dirt != nil { return appendValue(ofBad: record, to: &buffer) }
        return appendValue(of: record.event, id: key, to: &buffer)
    }

    /// Writes the id of the event's user, or what stands for nobody.
    func appendID(of event: CommunityEvent, to buffer: inout [UInt8]) {
        if let user = event.user { append(user, to: &buffer) } else { appendTombstoneKey(to: &buffer) }
    }

    func appendTombstoneKey(to buffer: inout [UInt8]) { buffer.append(contentsOf: keyWithoutUser) }

    /// Writes the value of `event`, if it has one.
    ///
    /// - Parameter id: the id of its user.
    func appendValue(of event: CommunityEvent, id: [UInt8], to buffer: inout [UInt8]) -> Bool {
        if case .withoutUser = event { return false }
        buffer.append(contentsOf: opening)
        buffer.append(contentsOf: id)
        switch event {
        case .registration(let profile):
            buffer.append(contentsOf: sexes[Int(profile.sex.rawValue)])
            append(profile.birthDate, to: &buffer)
            buffer.append(contentsOf: ageKey)
            append(UInt32(profile.age), to: &buffer)
            buffer.append(contentsOf: provinces[Int(profile.province.rawValue)])
        case .behaviour(let behaviour, _): buffer.append(contentsOf: behaviourEndings[Int(behaviour.rawValue)])
        case .prize(let prize, _): buffer.append(contentsOf: prizeEndings[Int(prize.rawValue)])
        case .withoutUser: break
        }
        return true
    }

    private func append(_ user: UserID, to buffer: inout [UInt8]) {
        buffer.append(contentsOf: prefixes[Int(user.partner.rawValue)])
        append(user.number, to: &buffer)
    }

    private func append(_ number: UInt32, to buffer: inout [UInt8]) {
        // The places first, then the digits from the last one: dividing by a constant is several times as fast.
        let start = buffer.count
        var limit: UInt64 = 1
        repeat {
            buffer.append(UInt8(ascii: "0"))
            limit *= 10
        } while limit <= number
        var (rest, place) = (number, buffer.count)
        while place > start {
            place -= 1
            buffer[place] += UInt8(rest % 10)
            rest /= 10
        }
    }

    private func append(_ date: CalendarDate, to buffer: inout [UInt8]) {
        func digit(_ number: Int) -> UInt8 { UInt8(ascii: "0") + UInt8(number % 10) }
        buffer.append(digit(date.year / 1000))
        buffer.append(digit(date.year / 100))
        buffer.append(digit(date.year / 10))
        buffer.append(digit(date.year))
        buffer.append(UInt8(ascii: "-"))
        buffer.append(digit(date.month / 10))
        buffer.append(digit(date.month))
        buffer.append(UInt8(ascii: "-"))
        buffer.append(digit(date.day / 10))
        buffer.append(digit(date.day))
    }

    private static func ending(of topic: CommunityTopic, _ partner: Partner, kind: String, amount: String) -> [UInt8] {
        guard let keys = topic.event else { preconditionFailure("\(topic.name) has no events") }
        let fields = [
            "\(PythonJSON.string(EventKeys.partner)): \(PythonJSON.string(partner.name))",
            "\(PythonJSON.string(keys.kind)): \(PythonJSON.string(kind))",
            "\(PythonJSON.string(keys.amount)): \(amount)",
        ]
        return Array(("\", " + fields.joined(separator: ", ") + "}").utf8)
    }
}

/// JSON as Python's `json.dumps` writes it by default: `", "` and `": "` between tokens, strings in ASCII, floats by
/// `repr`.
package enum PythonJSON {
    /// A string with its quotation marks; all but printable ASCII is escaped as UTF-16, two escapes beyond U+FFFF.
    package static func string(_ text: String) -> String {
        var result = "\""
        for unit in text.utf16 {
            switch unit {
            case 0x22: result += "\\\""
            case 0x5C: result += "\\\\"
            case 0x08: result += "\\b"
            case 0x09: result += "\\t"
            case 0x0A: result += "\\n"
            case 0x0C: result += "\\f"
            case 0x0D: result += "\\r"
            case 0x20...0x7E: result.unicodeScalars.append(Unicode.Scalar(UInt8(unit)))
            default:
                let digits = String(unit, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
        return result + "\""
    }

    /// A number of hundredths as a float: 160 is `1.6`, 285 is `2.85`, 500 is `5.0`.
    package static func float(hundredths: UInt32) -> String {
        let (whole, part) = hundredths.quotientAndRemainder(dividingBy: 100)
        if part.isMultiple(of: 10) { return "\(whole).\(part / 10)" }
        return part < 10 ? "\(whole).0\(part)" : "\(whole).\(part)"
    }
}
