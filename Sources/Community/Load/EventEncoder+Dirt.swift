/// How bad records are written: as the good one would be, but for what is wrong with it.
extension EventEncoder {
    /// A field of an object: its name and the JSON of its value.
    private struct Field {
        var name: String
        var value: String
    }

    private static let nullText = Array("null".utf8)
    /// A field that no contract knows.
    private static let unknownFields = [
        Field(name: "canale", value: "\"app\""), Field(name: "versione", value: "3"),
        Field(name: "note", value: "null"), Field(name: "tags", value: "[\"promo\", \"2021\"]"),
    ]
    private static let unknownPartners = ["ENEL", "Hera", "COOP", "TPER"]
    private static let impossibleAges = ["230", "-4", "1e9", "151"]
    private static let impossibleAmounts = ["-1.6", "1e12", "-0.01", "100000000000"]
    private static let wrongTypes = ["42", "true", "[\"x\"]", "{}"]
    /// Bytes of an over-long text: from just above what is kept on.
    private static let longTextBytes = RowValue.textBytesMax + 1...4 * RowValue.textBytesMax

    /// Writes the key of a bad record at the end of `buffer`.
    func appendKey(ofBad record: CommunityRecord, to buffer: inout [UInt8]) {
        switch record.dirt {
        case .nullText: appendTombstoneKey(to: &buffer)
        case .badKey:
            let start = buffer.count
            appendID(of: record.event, to: &buffer)
            // In place of the underscore: a byte that no text in UTF-8 has.
            buffer[start + 2] = record.variant.isMultiple(of: 2) ? 0xFF : 0xC0
        default: appendID(of: record.event, to: &buffer)
        }
    }

    /// Writes the value of a bad record at the end of `buffer`; `false`: it has none, and nothing is written.
    func appendValue(ofBad record: CommunityRecord, to buffer: inout [UInt8]) -> Bool {
        let variant = Int(record.variant)
        switch record.dirt {
        case .tombstone: return false
        case .nullText:
            buffer.append(contentsOf: Self.nullText)
            return true
        case .duplicate, .late, .outOfOrder, .badKey, nil:
            return appendGoodValue(of: record.event, to: &buffer)
        case .brokenJSON:
            let start = buffer.count
            guard appendGoodValue(of: record.event, to: &buffer) else { return false }
            // The closing brace at least is gone, and the opening one is there.
            buffer.removeLast(1 + variant % (buffer.count - start - 1))
            return true
        case .missingField, .nullField, .wrongType, .unknownKey, .impossibleValue, .unknownPartner, .longText:
            let fields = Self.badFields(of: record, variant)
            let text = fields.map { "\(PythonJSON.string($0.name)): \($0.value)" }.joined(separator: ", ")
            buffer.append(contentsOf: "{\(text)}".utf8)
            return true
        }
    }

    private func appendGoodValue(of event: CommunityEvent, to buffer: inout [UInt8]) -> Bool {
        var id: [UInt8] = []
        appendID(of: event, to: &id)
        return appendValue(of: event, id: id, to: &buffer)
    }

    private static func badFields(of record: CommunityRecord, _ variant: Int) -> [Field] {
        var fields = fields(of: record.event)
        let place = record.badField
        let isUser = record.topic == .users
        // What is left of the variant once it has chosen the field.
        let choice = variant / fields.count
        switch record.dirt {
        case .missingField: fields.remove(at: place)
        case .nullField: fields[place].value = "null"
        case .wrongType:
            let isText = fields[place].value.hasPrefix("\"")
            fields[place].value = isText ? wrongTypes[choice % wrongTypes.count] : "\"\(fields[place].value)\""
        case .unknownKey:
            fields.insert(unknownFields[choice % unknownFields.count], at: variant % (fields.count + 1))
        case .impossibleValue:
            let values = isUser ? impossibleAges : impossibleAmounts
            fields[3].value = values[variant % values.count]
        case .unknownPartner: fields[1].value = PythonJSON.string(unknownPartners[variant % unknownPartners.count])
        case .longText:
            let length = longTextBytes.lowerBound + variant % longTextBytes.count
            fields[isUser ? 4 : 2].value = "\"" + String(repeating: "x", count: length) + "\""
        default: preconditionFailure("the fields of such a record are not bad")
        }
        return fields
    }

    private static func fields(of event: CommunityEvent) -> [Field] {
        switch event {
        case .registration(let profile):
            [
                Field(name: EventKeys.user, value: "\"\(profile.id)\""),
                Field(name: EventKeys.sex, value: "\"\(profile.sex.code)\""),
                Field(name: EventKeys.birthDate, value: "\"\(profile.birthDate)\""),
                Field(name: EventKeys.age, value: "\(profile.age)"),
                Field(name: EventKeys.province, value: "\"\(profile.province.code)\""),
            ]
        case .behaviour(let behaviour, let user):
            eventFields(
                user,
                .behaviours,
                behaviour.partner,
                behaviour.name,
                amount: PythonJSON.float(hundredths: behaviour.rewardHundredths)
            )
        case .prize(let prize, let user):
            eventFields(user, .prizes, prize.partner, prize.name, amount: "\(prize.price.tokens)")
        case .withoutUser: preconditionFailure("an event without a user has no fields")
        }
    }

    private static func eventFields(
        _ user: UserID,
        _ topic: CommunityTopic,
        _ partner: Partner,
        _ name: String,
        amount: String
    ) -> [Field] {
        guard let keys = topic.event else { preconditionFailure("\(topic.name) has no events") }
        return [
            Field(name: EventKeys.user, value: "\"\(user)\""),
            Field(name: EventKeys.partner, value: PythonJSON.string(partner.name)),
            Field(name: keys.kind, value: PythonJSON.string(name)),
            Field(name: keys.amount, value: amount),
        ]
    }
}
