import Checksums

/// What the bytes of a file in the raw zone say of it.
package struct FileScan: Hashable, Sendable {
    /// Lines; a last one without a line feed counts.
    package var rows: Int64 = 0
    package var bytes: Int64 = 0
    /// CRC-32C (Castagnoli) of the bytes, as commit records write it: 8 hexadecimal digits.
    package var checksum = CRC32C().digits
    /// Whether the last line has its line feed; an empty file has it.
    package var endsWithLineFeed = true

    /// The sum of its lines; only of files whose offsets interleave with those of others.
    package var sum = LineSum()

    package init() {}
}
