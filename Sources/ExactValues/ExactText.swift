/// A text that equals another only if both have the same bytes, and that is ordered by them.
///
/// Swift's `String` takes the composed and the decomposed form of `é` for equal. Kafka, the raw zone and every other
/// reader of it do not: users, partners and names that differ in their bytes are different.
package struct ExactText: Hashable, Comparable, Sendable {
    package let string: String

    package init(_ string: some StringProtocol) {
        self.string = String(string)
    }

    package static func == (left: ExactText, right: ExactText) -> Bool {
        left.string.utf8.elementsEqual(right.string.utf8)
    }

    package static func < (left: ExactText, right: ExactText) -> Bool {
        left.string.utf8.lexicographicallyPrecedes(right.string.utf8)
    }

    package func hash(into hasher: inout Hasher) {
        var copy = string
        copy.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        hasher.combine(0xFF as UInt8)
    }
}
