/// Where the bytes of one key or value lie in an arena of `SinkRecords`; null, as Kafka knows it, where there are none.
///
/// Eight bytes a record, so that a batch's columns stay small.
package struct ByteRange: Hashable, Sendable {
    private let position: UInt32
    private let length: Int32

    /// The null key or value: not the same as an empty one.
    package static let null = ByteRange(position: 0, length: -1)

    private init(position: UInt32, length: Int32) {
        self.position = position
        self.length = length
    }

    /// The bytes `range` of an arena, which holds at most `SinkRecords.arenaBytesMax` bytes.
    package init(_ range: Range<Int>) {
        self.init(position: UInt32(range.lowerBound), length: Int32(range.count))
    }

    package var isNull: Bool { length < 0 }

    /// The place of the first byte.
    package var lowerBound: Int { Int(position) }

    /// The place behind the last byte; the same as `lowerBound` for null.
    package var upperBound: Int { Int(position) + count }

    /// How many bytes; 0 for null.
    package var count: Int { max(0, Int(length)) }

    /// The range in the arena, `nil` for null.
    package var range: Range<Int>? { isNull ? nil : lowerBound..<upperBound }
}
