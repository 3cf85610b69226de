/// What a row of `utenti` says of a user; ``unknown`` stands for a field that tells nothing.
struct UserRecord: Sendable {
    static let unknown = -1

    let sex: Int32
    let age: Int16
    let province: Int32
    /// File and line that it stands in, so that of several rows the same one wins whoever read it.
    let place: UInt64
}
