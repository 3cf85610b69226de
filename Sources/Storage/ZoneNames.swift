/// What every reader of a raw zone goes by: which names are not data, which files hold JSON lines, and in which order
/// files are read.
///
/// The sink, the audit and the analyzer share these rules, so that none of them sees a file that another one skips.
package enum ZoneNames {
    /// First characters of names that are not data: commit records, temporary files, files that are being copied.
    /// Whole directories with such names are skipped, as Spark and Hive do.
    private static let marks = [UInt8(ascii: "_"), UInt8(ascii: "+"), UInt8(ascii: ".")]

    /// Whether a file or directory with this name is skipped, at any depth.
    package static func isHidden(_ name: String) -> Bool {
        name.utf8.first.map(marks.contains) ?? false
    }

    /// The extension of files of JSON lines.
    package static let linesExtension = "json"

    /// Whether a file with this name holds JSON lines.
    package static func isOfLines(_ name: String) -> Bool { name.hasSuffix("." + linesExtension) }

    /// Whether `left` comes before `right`: by their bytes, but runs of digits by their value.
    ///
    /// So files of one partition in one directory come in the order of their offsets even where
    /// `filename.offset.zero.pad.width` was changed in between. Names with the same numbers are ordered by their bytes, so
    /// that the order is total.
    package static func precedes(_ left: String, _ right: String) -> Bool {
        var (left, right) = (left, right)
        return left.withUTF8 { left in right.withUTF8 { right in precedes(left, right) } }
    }

    private static func precedes(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Bool {
        var (i, j) = (0, 0)
        while i < left.count, j < right.count {
            guard isDigit(left[i]), isDigit(right[j]) else {
                if left[i] != right[j] { return left[i] < right[j] }
                i += 1
                j += 1
                continue
            }
            let (one, other) = (digits(left, &i), digits(right, &j))
            if one.count != other.count { return one.count < other.count }
            if !one.elementsEqual(other) { return one.lexicographicallyPrecedes(other) }
        }
        if left.count - i != right.count - j { return left.count - i < right.count - j }
        return left.lexicographicallyPrecedes(right)
    }

    /// The run of digits that begins at `place`, without zeros in front; `place` is behind it afterwards.
    private static func digits(
        _ bytes: UnsafeBufferPointer<UInt8>,
        _ place: inout Int
    ) -> Slice<UnsafeBufferPointer<UInt8>> {
        while place < bytes.count, bytes[place] == UInt8(ascii: "0") { place += 1 }
        let start = place
        while place < bytes.count, isDigit(bytes[place]) { place += 1 }
        return bytes[start..<place]
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}
