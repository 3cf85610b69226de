import Files

/// Why a ground truth could not be written or read.
package struct GroundTruthError: Error, Equatable, CustomStringConvertible {
    /// What failed, where, why, and what to do next.
    package let description: String

    private init(description: String) {
        self.description = description
    }

    init(_ error: FileError) {
        description = "the ground truth: \(error)"
    }

    /// The truth directory could not be made.
    package static func directory(_ path: String, because reason: String) -> GroundTruthError {
        GroundTruthError(
            description: "the directory \(path) for the ground truth could not be made: \(reason); "
                + "choose a place that is writable"
        )
    }

    static func malformed(_ path: String, line: Int, because reason: String) -> GroundTruthError {
        GroundTruthError(
            description: "the ground truth \(path) cannot be understood in line \(line): \(reason); "
                + "it was not written by `hera source`, or changed since"
        )
    }

    static func damaged(_ path: String) -> GroundTruthError {
        GroundTruthError(
            description: "the ground truth \(path) is damaged: its checksum does not match; restore it from a backup, "
                + "or move it away: the audit then cannot judge what this run sent"
        )
    }

    static func newer(_ path: String, version: Int, known: Int) -> GroundTruthError {
        GroundTruthError(
            description: "the ground truth \(path) has version \(version), and this program knows versions up to "
                + "\(known): it was written by a newer hera; use that one"
        )
    }
}
