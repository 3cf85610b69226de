/// Where a record with a key goes: Kafka's own choice, so that all its clients agree. The hash is Java's variant of
/// MurmurHash2 (Austin Appleby) with Kafka's seed.
package enum KeyPartitioner {
    /// The partition of a key.
    ///
    /// - Precondition: there is at least one partition.
    package static func partition(of key: [UInt8], count: Int) -> Int {
        precondition(count > 0, "a topic has at least one partition")
        // Kafka takes the sign off by its bit, not by the absolute value.
        return Int(hash(key) & 0x7FFF_FFFF) % count
    }

    static func hash(_ key: [UInt8]) -> UInt32 {
        let multiplier: UInt32 = 0x5BD1_E995
        var hash = 0x9747_B28C ^ UInt32(truncatingIfNeeded: key.count)
        let whole = key.count & ~3
        for start in stride(from: 0, to: whole, by: 4) {
            var word =
                UInt32(key[start]) | UInt32(key[start + 1]) << 8 | UInt32(key[start + 2]) << 16
                | UInt32(key[start + 3]) << 24
            word = word &* multiplier
            word ^= word >> 24
            word = word &* multiplier
            hash = hash &* multiplier ^ word
        }
        let rest = key.count - whole
        if rest > 0 {
            if rest > 2 { hash ^= UInt32(key[whole + 2]) << 16 }
            if rest > 1 { hash ^= UInt32(key[whole + 1]) << 8 }
            hash ^= UInt32(key[whole])
            hash = hash &* multiplier
        }
        hash ^= hash >> 13
        hash = hash &* multiplier
        hash ^= hash >> 15
        return hash
    }
}
