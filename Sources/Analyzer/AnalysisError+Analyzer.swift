import Analysis

extension AnalysisError {
    static func rawZoneMissing(_ path: String) -> AnalysisError {
        AnalysisError(
            code: .rawZoneMissing,
            message:
                "there is no \(path), where the raw zone should be; give the directory that holds it "
                + "with --storage and its name there with --topics-dir, or file some events first: hera demo"
        )
    }

    static func nothingFiled(_ path: String, badLines: Int) -> AnalysisError {
        let seen =
            switch badLines {
            case 0: "no complete file of events"
            case 1: "one line, which is not readable"
            default: "\(badLines) lines and none of them readable"
            }
        return AnalysisError(
            code: .nothingFiled,
            message: "the raw zone \(path) holds \(seen); "
                + "the sink files records when a commit is due, so wait a minute and try again, or run: hera audit"
        )
    }

    static func unreadable(_ path: String, _ reason: any Error) -> AnalysisError {
        AnalysisError(
            code: .unreadable,
            message: "\(path) could not be read (\(reason)); an analysis of a part would be wrong, so there is none. "
                + "Check the permissions and try again"
        )
    }

    static let tooManyUsers = AnalysisError(
        code: .outOfRoom,
        message: "there are more than \(Limits.usersMax) different values of id_utente, which is all there is room "
            + "for; analyse a part of the zone, with fewer files"
    )

    static func noMemory(_ what: String) -> AnalysisError {
        AnalysisError(code: .outOfRoom, message: "memory is short: \(what); end other programs and try again")
    }

    static let cancelled = AnalysisError(
        code: .cancelled,
        message: "the analysis was cancelled before it was complete; there is no partial result"
    )
}
