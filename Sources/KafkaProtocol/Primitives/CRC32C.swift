internal import CISAL

/// CRC-32C (Castagnoli), by the processor's own instructions through ISA-L.
package enum CRC32C {
    /// The checksum of `bytes`, as Kafka's record batches carry it.
    package static func checksum(of bytes: RawSpan) -> UInt32 {
        bytes.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return 0 }
            // ISA-L reads through a C pointer and, for history's sake, wants it mutable: it writes nothing. It leaves
            // the inversion before and after to its caller. A batch is shorter than 2 GiB: its length is an Int32.
            let pointer = UnsafeMutablePointer(mutating: start.assumingMemoryBound(to: UInt8.self))
            return ~crc32_iscsi(pointer, Int32(bytes.count), ~0)
        }
    }
}
