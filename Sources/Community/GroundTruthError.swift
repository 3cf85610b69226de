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

    static func malformed(_ path: String, line: Int, because reason: String) -> GroundTruthError {
        GroundTruthError(
            description: "the ground truth \(path) cannot be understood in line \(line): \(reason); "
                + "it was not written by `hera source`, or changed since"
        )
    }
}
