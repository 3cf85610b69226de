/// A UUID as Kafka writes it: 16 bytes on the wire, and base64 for URLs without padding as text, 22 letters.
package struct KafkaUUID: Hashable, Sendable, CustomStringConvertible {
    /// The first 8 bytes, big-endian.
    package let mostSignificant: UInt64
    /// The last 8 bytes, big-endian.
    package let leastSignificant: UInt64

    /// All bits 0: no id.
    package static let zero = KafkaUUID(mostSignificant: 0, leastSignificant: 0)

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    private static let letterCount = 22

    package init(mostSignificant: UInt64, leastSignificant: UInt64) {
        self.mostSignificant = mostSignificant
        self.leastSignificant = leastSignificant
    }

    /// Reads the text form; `nil` where `text` is anything else.
    package init?(_ text: String) {
        let digits = text.utf8.compactMap { Self.alphabet.firstIndex(of: $0) }
        // The last letter has two bits of the id, and four that are 0.
        guard text.utf8.count == Self.letterCount, digits.count == Self.letterCount, digits[21] & 0xF == 0 else {
            return nil
        }
        var bits: UInt128 = 0
        for digit in digits.dropLast() { bits = bits << 6 | UInt128(digit) }
        self.init(bits: bits << 2 | UInt128(digits[21] >> 4))
    }

    /// A random one (version 4 of RFC 9562), whose text does not begin with a dash: command lines would take it for an
    /// option.
    package static func random(using generator: inout some RandomNumberGenerator) -> KafkaUUID {
        while true {
            let id = KafkaUUID(
                mostSignificant: generator.next() & ~0xF000 | 0x4000,
                leastSignificant: generator.next() & ~(3 << 62) | 1 << 63
            )
            if !id.description.hasPrefix("-") { return id }
        }
    }

    /// A random one, from the system's generator.
    package static func random() -> KafkaUUID {
        var generator = SystemRandomNumberGenerator()
        return random(using: &generator)
    }

    /// The text form.
    package var description: String {
        let bits = UInt128(mostSignificant) << 64 | UInt128(leastSignificant)
        let letters = (0..<Self.letterCount).map { index in
            let shift = 122 - 6 * index
            let digit = shift >= 0 ? bits >> UInt128(shift) : bits << UInt128(-shift)
            return Self.alphabet[Int(digit & 63)]
        }
        return String(decoding: letters, as: UTF8.self)
    }

    private init(bits: UInt128) {
        self.init(
            mostSignificant: UInt64(truncatingIfNeeded: bits >> 64),
            leastSignificant: UInt64(truncatingIfNeeded: bits)
        )
    }
}

/// In JSON, the text form.
extension KafkaUUID: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let id = KafkaUUID(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(text) is not a UUID of Kafka")
        }
        self = id
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
