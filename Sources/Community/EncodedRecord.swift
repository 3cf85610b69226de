/// Where one record's key and value are in a buffer that holds many. A value contains its key (the user's id), so the
/// two ranges overlap there and the key takes no bytes of its own.
package struct EncodedRecord: Equatable, Sendable {
    package let keyOffset: UInt32
    package let keyLength: UInt32
    package let valueOffset: UInt32
    /// -1: there is no value, the record is a tombstone.
    package let valueLength: Int32

    package var keyRange: Range<Int> { Int(keyOffset)..<Int(keyOffset) + Int(keyLength) }

    /// `nil` for a tombstone.
    package var valueRange: Range<Int>? {
        valueLength < 0 ? nil : Int(valueOffset)..<Int(valueOffset) + Int(valueLength)
    }
}
