/// A key, value or header as a tree: what a transform or a format asks for where bytes are not enough.
package indirect enum DataValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(ExactNumber)
    case string(String)
    case bytes([UInt8])
    case array([DataValue])
    case object(DataObject)

    /// What it is, to be named in a message that must not hold contents.
    package var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .bytes: "bytes"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

/// The members of an object in their order; a name occurs once.
package struct DataObject: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    package struct Member: Hashable, Sendable {
        package let name: String
        package var value: DataValue
    }

    package private(set) var members: [Member] = []
    /// Where a member is, for objects with many.
    private var places: [String: Int] = [:]

    package init() {}

    package init(dictionaryLiteral elements: (String, DataValue)...) {
        for (name, value) in elements { self[name] = value }
    }

    /// The value of a member. A new member comes last, a known one stays in its place, `nil` removes it.
    package subscript(name: String) -> DataValue? {
        get { places[name].map { members[$0].value } }
        set {
            if let place = places[name] {
                if let newValue {
                    members[place].value = newValue
                } else {
                    members.remove(at: place)
                    places = [:]
                    for (place, member) in members.enumerated() { places[member.name] = place }
                }
            } else if let newValue {
                places[name] = members.count
                members.append(Member(name: name, value: newValue))
            }
        }
    }
}

/// A number as it was written, in JSON's grammar and with all its digits. Numbers of the same value are equal, however
/// they are written: `1`, `1.0` and `10e-1`.
package struct ExactNumber: Hashable, Sendable, ExpressibleByIntegerLiteral, CustomStringConvertible {
    package let text: String

    package var description: String { text }

    package init(integerLiteral value: Int64) {
        text = String(value)
    }

    /// `nil` where `text` is not a number as JSON writes it.
    package init?(_ text: String) {
        var text = text
        let number = text.withUTF8 { bytes in Self.prefix(of: UnsafeRawBufferPointer(bytes)) }
        guard let number, number.text.utf8.count == text.utf8.count else { return nil }
        self = number
    }

    private init(written text: String) {
        self.text = text
    }

    /// The number that `bytes` begin with; `nil` where they begin with none.
    package static func prefix(of bytes: UnsafeRawBufferPointer) -> ExactNumber? {
        var index = 0
        func digits() -> Int {
            let start = index
            while index < bytes.count, isDigit(bytes[index]) { index += 1 }
            return index - start
        }
        func skip(_ character: Unicode.Scalar) -> Bool {
            guard index < bytes.count, bytes[index] == UInt8(ascii: character) else { return false }
            index += 1
            return true
        }
        _ = skip("-")
        if !skip("0"), digits() == 0 { return nil }
        if skip("."), digits() == 0 { return nil }
        if skip("e") || skip("E") {
            _ = skip("+") || skip("-")
            if digits() == 0 { return nil }
        }
        return ExactNumber(written: String(decoding: bytes[..<index], as: UTF8.self))
    }

    private static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }

    package static func == (left: ExactNumber, right: ExactNumber) -> Bool { left.normal == right.normal }

    package func hash(into hasher: inout Hasher) { hasher.combine(normal) }

    /// The same for all ways to write one value: the digits between the first and the last that is not zero, and the
    /// power of ten of the last one.
    private struct Normal: Hashable {
        var isNegative = false
        var digits: [UInt8] = []
        var exponent: Int64 = 0
        /// An exponent beyond 64 bits, as it is written.
        var greatExponent = ""
    }

    private var normal: Normal {
        var normal = Normal()
        let parts = text.utf8.split(maxSplits: 1) { $0 == UInt8(ascii: "e") || $0 == UInt8(ascii: "E") }
        var fraction: Int64 = 0
        var isFraction = false
        for byte in parts[0] {
            switch byte {
            case UInt8(ascii: "-"): normal.isNegative = true
            case UInt8(ascii: "."): isFraction = true
            default:
                if isFraction { fraction += 1 }
                if !normal.digits.isEmpty || byte != UInt8(ascii: "0") { normal.digits.append(byte) }
            }
        }
        guard !normal.digits.isEmpty else { return Normal() }
        var zeros: Int64 = 0
        while normal.digits.last == UInt8(ascii: "0") {
            normal.digits.removeLast()
            zeros += 1
        }
        normal.exponent = zeros - fraction
        guard parts.count > 1 else { return normal }
        // Half the range leaves room for the digits that were moved.
        let exponent = String(Substring(parts[1]))
        if let written = Int64(exponent), written.magnitude < UInt64(Int64.max / 2) {
            normal.exponent += written
        } else {
            normal.greatExponent = exponent
        }
        return normal
    }
}

/// Reads the bytes of keys, values or headers as trees, and writes trees as bytes.
package protocol DataCoder: Sendable {
    func decode(_ bytes: UnsafeRawBufferPointer) throws(DataError) -> DataValue

    /// Never asked for `.null`, which Kafka has without bytes.
    func encode(_ value: DataValue) throws(DataError) -> [UInt8]
}

/// Why bytes cannot be read or a tree cannot be written, or why a transform cannot handle a record; without contents.
package struct DataError: Error, Hashable, Sendable {
    package let message: String

    package init(_ message: String) {
        self.message = message
    }
}

/// Bytes that nothing is known of.
package struct BytesCoder: DataCoder {
    package init() {}

    package func decode(_ bytes: UnsafeRawBufferPointer) -> DataValue { .bytes(Array(bytes)) }

    package func encode(_ value: DataValue) throws(DataError) -> [UInt8] {
        guard case .bytes(let bytes) = value else { throw DataError("\(value.kind) cannot be written as plain bytes") }
        return bytes
    }
}
