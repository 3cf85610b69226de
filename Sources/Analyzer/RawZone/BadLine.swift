/// A line of the raw zone that the analysis leaves out.
package struct BadLine: Hashable, Sendable, Codable {
    /// Path of the file, from the raw zone's directory.
    package let file: String
    /// Its line, the first being 1.
    package let line: Int
    /// What is wrong with it.
    package let reason: String

    package init(file: String, line: Int, reason: String) {
        self.file = file
        self.line = line
        self.reason = reason
    }
}
