extension SinkRecords {
    /// Lends the arena of values, padding included, to be changed in place: a converter shortens a value with
    /// `shortenValue` afterwards, and never writes outside the ranges of the values.
    package mutating func withMutableValues<Result, Failure: Error>(
        _ body: (_ arena: UnsafeMutableRawBufferPointer, _ ranges: [ByteRange]) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let ranges = valueRanges
        return try values.withUnsafeMutableBufferPointer { (arena) throws(Failure) in
            try body(UnsafeMutableRawBufferPointer(arena), ranges)
        }
    }

    /// Says that the record at `index` has a null value.
    package mutating func removeValue(at index: Int) {
        valueRanges[index] = .null
    }

    /// Says that the value of the record at `index` now is only its first `count` bytes, and ends its line there.
    package mutating func shortenValue(at index: Int, to count: Int) {
        let old = valueRanges[index]
        precondition(!old.isNull && count <= old.count, "a value can only be shortened: \(old.count) to \(count) bytes")
        valueRanges[index] = ByteRange(old.lowerBound..<old.lowerBound + count)
        values[old.lowerBound + count] = UInt8(ascii: "\n")
    }
}
