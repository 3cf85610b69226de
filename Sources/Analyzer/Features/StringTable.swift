import Glibc

/// Gives each different byte string a number, counting from 0: a hash table whose keys lie in one array.
///
/// A dictionary of `String` would make a string of every field read; this looks the bytes up as they lie in the buffer.
struct StringTable: Sendable {
    /// The keys, one behind the other.
    private var bytes: [UInt8] = []
    /// Where each key ends in `bytes`.
    private var ends: [Int] = []
    /// Open addressing with linear probing; -1 is free. Its size is a power of two and at most half is used.
    private var slots: [Int32] = Array(repeating: -1, count: 64)

    /// How many different keys there are.
    var count: Int { ends.count }

    /// The number of `key`, a new one if it was not seen before.
    mutating func intern(_ key: UnsafeRawBufferPointer) -> Int {
        var slot = hash(key) & (slots.count - 1)
        while slots[slot] >= 0 {
            let number = Int(slots[slot])
            if isEqual(number, key) { return number }
            slot = (slot + 1) & (slots.count - 1)
        }
        slots[slot] = Int32(ends.count)
        bytes.append(contentsOf: key)
        ends.append(bytes.count)
        if ends.count * 2 > slots.count { grow() }
        return ends.count - 1
    }

    /// The number of `key`; `nil` if it was not seen before.
    func number(of key: UnsafeRawBufferPointer) -> Int? {
        var slot = hash(key) & (slots.count - 1)
        while slots[slot] >= 0 {
            if isEqual(Int(slots[slot]), key) { return Int(slots[slot]) }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    /// The number of a key that is not read from a file.
    mutating func intern(_ key: String) -> Int {
        var key = key
        return key.withUTF8 { intern(UnsafeRawBufferPointer($0)) }
    }

    /// The key with this number.
    subscript(number: Int) -> String {
        String(decoding: bytes[range(number)], as: UTF8.self)
    }

    /// Interns every key of another table, in its order.
    ///
    /// - Returns: for each of its numbers the number here.
    mutating func intern(all other: StringTable) -> [Int] {
        other.bytes.withUnsafeBytes { keys in
            (0..<other.count).map { intern(UnsafeRawBufferPointer(rebasing: keys[other.range($0)])) }
        }
    }

    /// All numbers, sorted by their keys bytewise.
    func sortedNumbers() -> [Int] {
        bytes.withUnsafeBytes { keys in
            (0..<count).sorted { left, right in
                keys[range(left)].lexicographicallyPrecedes(keys[range(right)])
            }
        }
    }

    private func range(_ number: Int) -> Range<Int> {
        (number == 0 ? 0 : ends[number - 1])..<ends[number]
    }

    private func isEqual(_ number: Int, _ key: UnsafeRawBufferPointer) -> Bool {
        let range = range(number)
        guard range.count == key.count else { return false }
        return bytes.withUnsafeBytes { keys in
            let known = UnsafeRawBufferPointer(rebasing: keys[range])
            // Neither has an address if both are empty.
            guard let left = known.baseAddress, let right = key.baseAddress else { return true }
            return memcmp(left, right, known.count) == 0
        }
    }

    /// Swift's own keyed hash: files made to collide cannot slow the table down. It differs from run to run, but no
    /// number depends on it.
    private func hash(_ key: UnsafeRawBufferPointer) -> Int {
        var hasher = Hasher()
        hasher.combine(bytes: key)
        return hasher.finalize()
    }

    private mutating func grow() {
        slots = Array(repeating: -1, count: slots.count * 2)
        for number in 0..<count {
            let range = range(number)
            var slot = bytes.withUnsafeBytes { hash(UnsafeRawBufferPointer(rebasing: $0[range])) } & (slots.count - 1)
            while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = Int32(number)
        }
    }
}
