/// A topic as requests see it.
struct Topic: Sendable {
    let name: String
    /// By number.
    let partitions: [Partition]
}
