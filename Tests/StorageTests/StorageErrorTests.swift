import Storage
import Testing

/// Every kind of failure is either one that goes by or one that a person has to mend, and says what to do.
@Suite struct StorageErrorTests {
    @Test(arguments: [
        // Errors that pass once their cause is gone: the caller tries again with growing delay.
        (StorageError.Code.permissionDenied, true, "give the user"),
        (.noSpace, true, "free some space"),
        (.readOnly, true, "mount the storage for writing"),
        (.tooManyOpenFiles, true, "ulimit -n"),
        (.deviceError, true, "dmesg"),
        (.unavailable, true, ""),
        (.answerLost, true, ""),
        (.wrongLength, true, ""),
        (.notFound, true, "check the path"),
        (.alreadyExists, true, ""),
        (.failed, true, ""),
        // Something lies where it must not, or the program made a mistake.
        (.notADirectory, false, "move the file"),
        (.isADirectory, false, "move the directory"),
        (.notAFile, false, "move it away"),
        (.invalidPath, false, ""),
        (.tooLarge, false, ""),
        (.closed, false, ""),
        (.unsupported, false, "name a directory of this machine"),
    ])
    func everyFailureIsClassified(code: StorageError.Code, isRetriable: Bool, advice: String) {
        let error = StorageError(code, .write, "raw_data/a", "why")
        #expect(error.isRetriable == isRetriable)
        #expect(error.description.contains("cannot write raw_data/a: why"))
        #expect(error.advice.contains(advice) && error.advice.isEmpty == advice.isEmpty)
    }
}
