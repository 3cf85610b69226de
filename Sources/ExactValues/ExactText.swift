import Glibc

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
        left.compared(to: right) == 0
    }

    package static func < (left: ExactText, right: ExactText) -> Bool {
        left.compared(to: right) < 0
    }

    /// Below 0 if this text comes first, 0 if the bytes are the same.
    private func compared(to other: ExactText) -> Int {
        var (left, right) = (string, other.string)
        return left.withUTF8 { left in
            right.withUTF8 { right in
                // Neither has an address if it is empty.
                guard let first = left.baseAddress, let second = right.baseAddress else {
                    return left.count - right.count
                }
                let order = memcmp(first, second, min(left.count, right.count))
                return order == 0 ? left.count - right.count : Int(order)
            }
        }
    }

    package func hash(into hasher: inout Hasher) {
        var copy = string
        copy.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        hasher.combine(0xFF as UInt8)
    }
}
