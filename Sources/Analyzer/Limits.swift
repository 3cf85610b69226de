/// What bounds the analyzer: memory is these limits and the feature table, never the size of the files.
package enum Limits {
    /// Longest line, in bytes, and so what each worker holds of a file at a time; a longer line is a bad line.
    package static let lineBytesMax = 1 << 20
    /// Most partners that the feature table has columns for; the others, of fewer events, are folded into one.
    package static let partnersMax = 32
    /// Most behaviours and prizes, sexes, or provinces that are listed; the others are folded into one line.
    package static let categoriesMax = 4096
    /// Most users that the table has rows for.
    package static let usersMax = Int(Int32.max)
    /// Bad lines that are named with their place; all are counted.
    package static let badLinesNamed = 20
}
