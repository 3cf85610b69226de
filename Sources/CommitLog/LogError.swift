package import Files
package import NIOCore
import SystemPackage

/// An operation on a log failed: what, where, why, and what to do next.
package struct LogError: Error, CustomStringConvertible, Sendable {
    /// The kinds of failure; each maps to one error code of Kafka.
    package enum Code: Sendable, Hashable {
        /// The bytes are not a record batch, or their CRC is wrong.
        case corruptBatch
        /// The batch is of a format before 2, which came with Kafka 0.11.
        case unsupportedFormat
        /// An intact batch that a log refuses: no records, a malformed one, a control batch, part of a transaction.
        case invalidRecord
        /// A record's timestamp is not one that the topic accepts.
        case invalidTimestamp
        /// The batch is larger than `max.message.bytes`.
        case messageTooLarge
        /// A sequence number is neither the next one nor one of a known batch: a batch before it is missing.
        case outOfOrderSequence
        /// A newer epoch of the producer has been seen.
        case invalidProducerEpoch
        /// The offset is before the start or after the end.
        case offsetOutOfRange
        /// No space is left on the device, or a quota is used up.
        case storageFull
        /// The operating system refused an operation on a file.
        case storageFailed
        /// A file of the log is damaged and recovery could not repair it.
        case damaged
        /// The log was closed, or its topic deleted.
        case closed
        /// Another process has locked the data directory.
        case locked
        /// There is a topic of this name.
        case topicExists
        /// The topic does not exist.
        case unknownTopic
        /// The name or the number of partitions is invalid.
        case invalidTopic
        /// A topic cannot get fewer partitions than it has, or too many.
        case invalidPartitionCount
        /// There are as many partitions as there may be.
        case limitReached
        /// A setting is unknown, or its value invalid.
        case invalidConfiguration
    }

    /// The kind of failure; it determines the error code that clients get.
    package let code: Code
    /// In words, one to three sentences.
    package let description: String
    /// The places in their batch of the first records for whose sake it was refused, where it was for theirs.
    package let records: [Int32]

    package init(_ code: Code, _ description: String, records: [Int32] = []) {
        self.code = code
        self.description = description
        self.records = records
    }
}

extension LogError {
    static func closed(_ directory: FilePath) -> LogError {
        LogError(.closed, "the log in \(directory) is closed")
    }

    static func invalidConfiguration(_ message: String) -> LogError { LogError(.invalidConfiguration, message) }
}

/// Reading of files into a `ByteBuffer`.
extension OpenFile {
    /// Appends the `count` bytes from `position` on to `buffer`; returns how many there were before the end of the file.
    @discardableResult
    package func read(_ count: Int, at position: Int, into buffer: inout ByteBuffer) throws(FileError) -> Int {
        let before = buffer.readableBytes
        try buffer.writeWithOutputRawSpan(minimumWritableBytes: count) { span throws(FileError) in
            try span.withUnsafeMutableBytes { room, initialized throws(FileError) in
                // The pointers stay in this closure, and only bytes that were read count as initialized.
                let rest = UnsafeMutableRawBufferPointer(rebasing: room[initialized..<(initialized + count)])
                initialized += try read(into: rest, at: position)
            }
        }
        return buffer.readableBytes - before
    }
}

extension FileError {
    static func damagedLog(_ path: FilePath, _ reason: String) -> FileError {
        .damaged(path, reason, cure: "Restart the ingestor: it sets aside what is damaged and serves the rest")
    }
}

extension LogError {
    /// What a failure on a file means for a log.
    package init(_ error: FileError) {
        switch error.code {
        case .noSpace: self.init(.storageFull, "\(error.reason). Free space there, or shorten retention.ms")
        case .damaged, .unknownFormat: self.init(.damaged, error.description)
        case .locked: self.init(.locked, error.description)
        case .tooManyOpenFiles, .notPermitted, .inTheWay, .notFound, .failed:
            self.init(.storageFailed, error.description)
        }
    }

    /// Runs `body`, with its failures as a log's.
    static func mapping<Result: ~Copyable>(
        _ body: () throws(FileError) -> Result
    ) throws(LogError) -> Result {
        do throws(FileError) {
            return try body()
        } catch {
            throw LogError(error)
        }
    }
}
