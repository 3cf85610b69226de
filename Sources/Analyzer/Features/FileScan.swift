/// What was read of one file.
struct FileScan: Sendable {
    /// Its place among the raw zone's files.
    let index: Int
    var bytes = 0
    /// Rows that count.
    var rows = 0
    /// Lines that were left out.
    var badLines = 0
}
