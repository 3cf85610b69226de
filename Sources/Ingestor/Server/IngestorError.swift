import CommitLog
import Files

/// Why the ingestor cannot start, serve or keep something: what, where, why, and what to do next.
package struct IngestorError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it is; cases may be added.
    package struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Kind: String { case configuration, address, file, corruptFile, log, inUse, commitTooLarge }
        private let kind: Kind

        /// The settings contradict each other or ask for something that is not there.
        package static let configuration = Code(kind: .configuration)
        /// The address cannot be listened at.
        package static let address = Code(kind: .address)
        /// A file of the ingestor's own cannot be read or written.
        package static let file = Code(kind: .file)
        /// A file of the ingestor's own is not what it wrote.
        package static let corruptFile = Code(kind: .corruptFile)
        /// Another process serves the directory.
        package static let inUse = Code(kind: .inUse)
        /// The commit log refused.
        package static let log = Code(kind: .log)
        /// One commit of a group has more than a batch takes.
        package static let commitTooLarge = Code(kind: .commitTooLarge)

        package var description: String { kind.rawValue }
    }

    package let code: Code
    /// What failed, why, and what to do, in one or two sentences.
    package let message: String

    package var description: String { message }

    package static func configuration(_ message: String) -> IngestorError {
        IngestorError(code: .configuration, message: message)
    }

    package static func address(_ address: String, reason: String) -> IngestorError {
        IngestorError(
            code: .address,
            message: "cannot listen at \(address): \(reason); choose another with --listen, port 0 takes a free one"
        )
    }

    package static func inUse(_ message: String) -> IngestorError {
        IngestorError(code: .inUse, message: message)
    }

    package static func log(_ message: String) -> IngestorError {
        IngestorError(code: .log, message: message)
    }

    static func commitTooLarge(bytes: Int, bytesMax: Int) -> IngestorError {
        IngestorError(
            code: .commitTooLarge,
            message: "the offsets of one commit have \(bytes) bytes, and at most \(bytesMax) are kept: commit fewer "
                + "partitions at a time, or with shorter metadata"
        )
    }
}

extension IngestorError {
    /// A file of the ingestor's own failed.
    init(_ error: FileError) {
        switch error.code {
        case .damaged, .unknownFormat: self.init(code: .corruptFile, message: error.description)
        default: self.init(code: .file, message: error.description)
        }
    }

    /// A log failed.
    init(_ error: LogError) { self = .log(error.description) }

    /// Runs `body`, with its failures as the ingestor's.
    static func mapping<Result>(_ body: () throws(FileError) -> Result) throws(IngestorError) -> Result {
        do throws(FileError) {
            return try body()
        } catch {
            throw IngestorError(error)
        }
    }
}
