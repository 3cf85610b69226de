/// An address for keys and values that have no bytes: a null pointer would mean that there is none.
enum EmptyBytes {
    /// Never read or written through; it lives as long as the program.
    nonisolated(unsafe) static let address: UnsafePointer<UInt8> = {
        let byte = UnsafeMutablePointer<UInt8>.allocate(capacity: 1)
        byte.initialize(to: 0)
        return UnsafePointer(byte)
    }()
}
