import Checksums

/// A running digest of the lines of one partition that does not depend on their order: records whose times differ lie in
/// different files, so the order of offsets cannot be read off them.
///
/// Each line counts with its CRC-32C and its length, mixed to 64 bits (the finalizer of SplitMix64), and the digest is
/// the sum of these, modulo 2⁶⁴. A line that is missing, doubled or changed changes the sum; a line can be taken out again.
package struct LineDigest: Hashable, Sendable {
    /// How many lines.
    package private(set) var count = 0
    private(set) var sum: UInt64 = 0

    package init() {}

    /// What one line, without its line feed, adds.
    package static func term(of line: UnsafeRawBufferPointer) -> UInt64 {
        var checksum = CRC32C()
        checksum.update(line)
        var mixed = UInt64(truncatingIfNeeded: line.count) << 32 | UInt64(checksum.value)
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    package mutating func add(_ line: UnsafeRawBufferPointer) { add(term: Self.term(of: line)) }

    package mutating func add(term: UInt64) {
        count += 1
        sum &+= term
    }

    mutating func remove(term: UInt64) {
        count -= 1
        sum &-= term
    }

    package static func += (left: inout LineDigest, right: LineDigest) {
        left.count += right.count
        left.sum &+= right.sum
    }
}

/// As `{"lines":12,"sum":"00c0ffee00c0ffee"}`: a program that reads JSON's numbers as binary floating point keeps 53 bits.
extension LineDigest: Codable {
    private enum CodingKeys: String, CodingKey {
        case lines, sum
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        count = try container.decode(Int.self, forKey: .lines)
        let digits = try container.decode(String.self, forKey: .sum)
        guard digits.utf8.count == 16, let value = UInt64(digits, radix: 16) else {
            throw DecodingError.dataCorruptedError(
                forKey: .sum,
                in: container,
                debugDescription: "the sum of a digest has 16 hexadecimal digits"
            )
        }
        sum = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(count, forKey: .lines)
        let digits = String(sum, radix: 16)
        try container.encode(String(repeating: "0", count: 16 - digits.utf8.count) + digits, forKey: .sum)
    }
}
