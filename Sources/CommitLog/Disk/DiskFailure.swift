/// What a call of ``DiskCalls`` failed with.
package struct DiskFailure: Error, Sendable {
    /// The operating system's error number.
    package let number: Int32

    package init(number: Int32) { self.number = number }
}
