/// What the bytes of a file in the raw zone say of it.
package struct FileScan: Hashable, Sendable {
    /// Lines; a last one without a line feed counts.
    package var rows: Int64 = 0
    package var bytes: Int64 = 0
    /// CRC-32C (Castagnoli) of the bytes.
    package var checksum: UInt32 = 0
    /// Whether the last line has its line feed; an empty file has it.
    package var endsWithLineFeed = true
    /// The first line that is empty, from 1.
    package var firstEmptyLine: Int64?

    package init() {}

    /// The checksum as commit records write it: 8 hexadecimal digits.
    package var checksumText: String {
        let digits = String(checksum, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
