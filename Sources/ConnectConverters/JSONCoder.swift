package import ConnectAPI

/// JSON as a tree and back. Numbers keep their digits; of members with one name the last counts. What is written has no
/// line break.
package struct JSONCoder: DataCoder {
    /// The deepest nesting that is read, as for simdjson.
    package static let depthMax = 1024

    package init() {}

    package func decode(_ bytes: UnsafeRawBufferPointer) throws(DataError) -> DataValue {
        var reader = Reader(bytes: bytes)
        return try reader.document()
    }

    package func encode(_ value: DataValue) -> [UInt8] {
        var text: [UInt8] = []
        Self.write(value, to: &text)
        return text
    }

    private struct Reader {
        let bytes: UnsafeRawBufferPointer
        private var index = 0

        init(bytes: UnsafeRawBufferPointer) {
            self.bytes = bytes
        }

        private static let invalid = DataError("it is not valid JSON")

        mutating func document() throws(DataError) -> DataValue {
            let value = try value(depth: 0)
            guard peek() == nil else { throw DataError("it has more text behind its JSON value") }
            return value
        }

        /// The next byte that is not white space.
        private mutating func peek() -> UInt8? {
            while index < bytes.count {
                switch bytes[index] {
                case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): index += 1
                case let byte: return byte
                }
            }
            return nil
        }

        private mutating func skip(_ character: Unicode.Scalar) -> Bool {
            guard peek() == UInt8(ascii: character) else { return false }
            index += 1
            return true
        }

        private mutating func value(depth: Int) throws(DataError) -> DataValue {
            guard depth < JSONCoder.depthMax else { throw DataError("it is nested deeper than 1024 levels") }
            switch peek() {
            case UInt8(ascii: "{"): return .object(try object(depth: depth))
            case UInt8(ascii: "["): return .array(try array(depth: depth))
            case UInt8(ascii: "\""): return .string(try string())
            case UInt8(ascii: "t"): return try word("true", .bool(true))
            case UInt8(ascii: "f"): return try word("false", .bool(false))
            case UInt8(ascii: "n"): return try word("null", .null)
            default: return .number(try number())
            }
        }

        private mutating func word(_ word: StaticString, _ value: DataValue) throws(DataError) -> DataValue {
            let expected = UnsafeRawBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
            guard bytes[index...].starts(with: expected) else { throw Self.invalid }
            index += expected.count
            return value
        }

        private mutating func number() throws(DataError) -> ExactNumber {
            guard let number = ExactNumber.prefix(of: UnsafeRawBufferPointer(rebasing: bytes[index...])) else {
                throw Self.invalid
            }
            index += number.text.utf8.count
            return number
        }

        private mutating func array(depth: Int) throws(DataError) -> [DataValue] {
            index += 1
            var elements: [DataValue] = []
            if skip("]") { return elements }
            repeat { elements.append(try value(depth: depth + 1)) } while skip(",")
            guard skip("]") else { throw Self.invalid }
            return elements
        }

        private mutating func object(depth: Int) throws(DataError) -> DataObject {
            index += 1
            var object = DataObject()
            if skip("}") { return object }
            repeat {
                guard peek() == UInt8(ascii: "\"") else { throw Self.invalid }
                let name = try string()
                guard skip(":") else { throw Self.invalid }
                object[name] = try value(depth: depth + 1)
            } while skip(",")
            guard skip("}") else { throw Self.invalid }
            return object
        }

        /// A string, whose quotation mark is the next byte.
        private mutating func string() throws(DataError) -> String {
            index += 1
            var unescaped: [UInt8] = []
            var start = index
            while index < bytes.count {
                switch bytes[index] {
                case UInt8(ascii: "\""):
                    let rest = bytes[start..<index]
                    index += 1
                    // Most strings have no escape.
                    let text =
                        unescaped.isEmpty
                        ? String(validating: rest, as: UTF8.self) : String(validating: unescaped + rest, as: UTF8.self)
                    guard let text else { throw DataError("it is not valid UTF-8") }
                    return text
                case UInt8(ascii: "\\"):
                    unescaped += bytes[start..<index]
                    try escape(to: &unescaped)
                    start = index
                case ..<0x20: throw Self.invalid
                default: index += 1
                }
            }
            throw Self.invalid
        }

        /// What the escape, whose backslash is the next byte, stands for.
        private mutating func escape(to text: inout [UInt8]) throws(DataError) {
            guard index + 1 < bytes.count else { throw Self.invalid }
            let letter = bytes[index + 1]
            index += 2
            switch letter {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(letter)
            case UInt8(ascii: "b"): text.append(0x08)
            case UInt8(ascii: "f"): text.append(0x0C)
            case UInt8(ascii: "n"): text.append(0x0A)
            case UInt8(ascii: "r"): text.append(0x0D)
            case UInt8(ascii: "t"): text.append(0x09)
            case UInt8(ascii: "u"):
                var scalar = try codeUnit()
                if (0xD800..<0xDC00).contains(scalar) {
                    guard bytes[index...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) else { throw Self.half }
                    index += 2
                    let low = try codeUnit()
                    guard (0xDC00..<0xE000).contains(low) else { throw Self.half }
                    scalar = 0x10000 + (scalar - 0xD800) << 10 + (low - 0xDC00)
                }
                guard let scalar = Unicode.Scalar(scalar) else { throw Self.half }
                text += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
            default: throw Self.invalid
            }
        }

        private static let half = DataError("a string has half of a surrogate pair")

        /// Four hexadecimal digits.
        private mutating func codeUnit() throws(DataError) -> UInt32 {
            guard index + 4 <= bytes.count else { throw Self.invalid }
            var unit: UInt32 = 0
            for byte in bytes[index..<index + 4] {
                guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { throw Self.invalid }
                unit = unit << 4 + UInt32(digit)
            }
            index += 4
            return unit
        }
    }

    // MARK: Writing

    private static func write(_ value: DataValue, to text: inout [UInt8]) {
        switch value {
        case .null: text += "null".utf8
        case .bool(let bool): text += (bool ? "true" : "false").utf8
        case .number(let number): text += number.text.utf8
        case .string(let string): write(string, to: &text)
        case .bytes(let bytes): write(base64(bytes), to: &text)
        case .array(let elements):
            text.append(UInt8(ascii: "["))
            for (place, element) in elements.enumerated() {
                if place > 0 { text.append(UInt8(ascii: ",")) }
                write(element, to: &text)
            }
            text.append(UInt8(ascii: "]"))
        case .object(let object):
            text.append(UInt8(ascii: "{"))
            for (place, member) in object.members.enumerated() {
                if place > 0 { text.append(UInt8(ascii: ",")) }
                write(member.name, to: &text)
                text.append(UInt8(ascii: ":"))
                write(member.value, to: &text)
            }
            text.append(UInt8(ascii: "}"))
        }
    }

    private static func write(_ string: String, to text: inout [UInt8]) {
        text.append(UInt8(ascii: "\""))
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "\""): text += #"\""#.utf8
            case UInt8(ascii: "\\"): text += #"\\"#.utf8
            case 0x08: text += #"\b"#.utf8
            case 0x09: text += #"\t"#.utf8
            case 0x0A: text += #"\n"#.utf8
            case 0x0C: text += #"\f"#.utf8
            case 0x0D: text += #"\r"#.utf8
            case ..<0x20: text += #"\u00"#.utf8 + hexadecimal(byte)
            default: text.append(byte)
            }
        }
        text.append(UInt8(ascii: "\""))
    }

    private static func hexadecimal(_ byte: UInt8) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        return [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }

    /// Bytes are a string in base64, as Connect's converter writes them.
    private static func base64(_ bytes: [UInt8]) -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for place in 0..<4 {
                text.append(place <= group.count ? letters[bits >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
