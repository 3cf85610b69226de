/// The greatest offset of each key in a part of a log, in memory of a fixed size.
///
/// An open-addressing table. A key is represented by 128 bits of two keyed hashes, whose seeds nobody outside knows: two
/// keys with equal hashes would be taken for one, and the record of one of them be lost, which nobody can bring about and
/// chance will not.
struct KeyOffsets: Sendable {
    private struct Slot {
        var hash: (UInt64, UInt64)
        /// -1 in an empty slot.
        var offset: Int64
    }

    private var slots: [Slot]
    /// Keys that fit: at three quarters the searches are still short.
    private let keysMax: Int
    private(set) var count = 0
    private let seeds: (UInt64, UInt64)

    /// - Parameters:
    ///   - records: As many keys as there may be; room is made for them, within `bytesMax`.
    init(forRecords records: Int64, bytesMax: Int) {
        let most = max(2, bytesMax / MemoryLayout<Slot>.stride)
        let slotCount = records >= Int64(most) / 2 ? most : max(2, Int(records) * 2)
        slots = Array(repeating: Slot(hash: (0, 0), offset: -1), count: slotCount)
        keysMax = max(1, slotCount / 4 * 3)
        seeds = (.random(in: .min ... .max), .random(in: .min ... .max))
    }

    /// Notes that `key` has this offset, which is greater than all before.
    ///
    /// - Returns: `false`, with nothing noted, where there is no room for another key.
    mutating func put(_ key: RawSpan, offset: Int64) -> Bool {
        let hash = hash(of: key)
        let place = place(of: hash)
        if slots[place].offset < 0 {
            if count == keysMax { return false }
            count += 1
        }
        slots[place] = Slot(hash: hash, offset: offset)
        return true
    }

    /// The greatest offset of `key`; `nil` for one that was not noted.
    func offset(of key: RawSpan) -> Int64? {
        let offset = slots[place(of: hash(of: key))].offset
        return offset < 0 ? nil : offset
    }

    /// The slot of the key with this hash, or the empty one where it belongs. There is always an empty one.
    private func place(of hash: (UInt64, UInt64)) -> Int {
        var place = Int(hash.0 % UInt64(slots.count))
        while slots[place].offset >= 0, slots[place].hash != hash {
            place += 1
            if place == slots.count { place = 0 }
        }
        return place
    }

    private func hash(of key: RawSpan) -> (UInt64, UInt64) {
        key.withUnsafeBytes { bytes in
            var first = Hasher()
            first.combine(seeds.0)
            first.combine(bytes: bytes)
            var second = Hasher()
            second.combine(seeds.1)
            second.combine(bytes: bytes)
            return (
                UInt64(truncatingIfNeeded: first.finalize()), UInt64(truncatingIfNeeded: second.finalize())
            )
        }
    }
}
