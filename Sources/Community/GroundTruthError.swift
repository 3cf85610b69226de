/// Why a ground truth could not be written or read.
package struct GroundTruthError: Error, Equatable, CustomStringConvertible {
    /// What failed, in words for a person.
    package let description: String

    static func file(_ path: String, cannotBe verb: String, because reason: String) -> GroundTruthError {
        GroundTruthError(
            description: "the ground truth \(path) could not be \(verb): \(reason); "
                + "check that the directory exists, is writable and has room"
        )
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
}
