/// What bounds the analyzer: memory is these limits and the feature table, never the size of the files.
package enum Limits {
    /// Longest line, in bytes, and so what each worker holds of a file at a time; a longer line is a bad line.
    package static let lineBytesMax = 1 << 20
    /// Longest user id, partner, behaviour, prize, sex or province, in UTF-8 bytes.
    package static let textBytesMax = 1024
    /// Most partners that the feature table has columns for.
    package static let partnersMax = 32
    /// Most different names of behaviours and prizes together, of sexes, and of provinces.
    package static let categoriesMax = 4096
    /// Most tokens of one event, in hundredths: a billion tk. Ninety million such events fit a sum.
    package static let amountMax: Int64 = 100_000_000_000
    /// Oldest age that is believed, in years.
    package static let ageMax: Int64 = 150
    /// Most users that the table has rows for.
    package static let usersMax = Int(Int32.max)
    /// Bad lines that are named with their place; all are counted.
    package static let badLinesNamed = 20
    /// Greatest k that the elbow may be asked for.
    package static let kMax = 50
}
