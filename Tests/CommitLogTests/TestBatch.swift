import Files
import Foundation
import KafkaProtocol
import NIOCore
import PipelineTesting
import Synchronization
import SystemPackage

@testable import CommitLog

/// A batch as tests send it.
struct TestBatch {
    /// One record each; its timestamp.
    var timestamps: [Int64] = [1_000]
    var producerID: Int64 = -1
    var producerEpoch: Int16 = 0
    var baseSequence: Int32 = 0
    /// Bytes of each record's value.
    var valueBytes = 10
    /// Makes batches of the same shape differ.
    var tag = ""
    var compression: Compression?
    var isTransactional = false

    var buffer: ByteBuffer {
        var builder = RecordBatchBuilder()
        builder.isTransactional = isTransactional
        if producerID >= 0 {
            builder.producerID = producerID
            builder.producerEpoch = producerEpoch
            builder.baseSequence = baseSequence
        }
        let padding = String(repeating: "x", count: max(0, valueBytes - tag.utf8.count))
        for (index, timestamp) in timestamps.enumerated() {
            builder.append(key: "k\(index)", value: tag + padding, timestamp: timestamp)
        }
        return compression.map { builder.build(compressedBy: $0) } ?? builder.build()
    }
}

extension RecordBatchBuilder {
    /// The batch of what was appended, its records compressed.
    func build(compressedBy compression: Compression, level: Int32 = 3) -> ByteBuffer {
        let records = [UInt8](build().readableBytesView.dropFirst(RecordBatchHeader.byteCount))
        return build(compressedRecords: compression.compress(records, level: level), compression)
    }

    /// The same with these bytes in the place of the compressed records.
    func build(compressedRecords: [UInt8], _ compression: Compression) -> ByteBuffer {
        let codec = CompressionCodec(rawValue: compression.codecNumber) ?? .none
        return build(records: ByteBuffer(bytes: compressedRecords), codec: codec)
    }
}

/// A log on disk that a test opens, leaves in the middle of its work and opens again.
extension PartitionLog {
    static func opened(
        _ directory: FilePath,
        _ configuration: LogConfiguration = .small,
        now: Int64 = 1_000,
        calls: DiskCalls = .withoutWaiting
    ) throws -> PartitionLog {
        try open(directory: directory, configuration: configuration, now: now, calls: calls).log
    }

    @discardableResult
    func append(_ batch: TestBatch, now: Int64 = 1_000) throws(LogError) -> AppendOutcome {
        try append(batch: batch.buffer, now: now)
    }

    /// All batches from `offset` on, as consumers get them.
    func allBatches(from offset: Int64? = nil, maxBytes: Int = 1 << 20) throws -> [ByteBuffer] {
        var batches: [ByteBuffer] = []
        var next = offset ?? logStartOffset
        while let slice = try read(from: next, maxBytes: maxBytes) {
            var bytes = try slice.bytes()
            while bytes.readableBytes > 0 {
                let header = try RecordBatchHeader(bytes)
                guard let batch = bytes.readSlice(length: header.totalByteCount) else { throw CutBatch() }
                try header.verify(batch.readableBytesSpan)
                batches.append(batch)
                next = header.nextOffset
            }
        }
        return batches
    }
}

extension DiskCalls {
    /// Forcing bytes to the device does nothing: what a test looks at is in the page cache, as after a `SIGKILL`.
    static var withoutWaiting: DiskCalls {
        var calls = DiskCalls.system
        calls.synchronize = { _ in }
        return calls
    }
}

/// A slice ended inside a batch.
struct CutBatch: Error {}

extension LogConfiguration {
    /// Small segments and dense indexes, so that few batches reach every corner; records are kept for ever.
    static var small: LogConfiguration {
        var configuration = LogConfiguration()
        configuration.segmentBytes = 1_000
        configuration.indexIntervalBytes = 150
        configuration.retentionMilliseconds = nil
        return configuration
    }
}

extension FilePath {
    /// The names of the files in this directory with an extension.
    func files(_ fileExtension: String) throws -> [FilePath] {
        try FileManager.default.contentsOfDirectory(atPath: string).filter { $0.hasSuffix("." + fileExtension) }
            .sorted().map { appending($0) }
    }

    var exists: Bool { FileManager.default.fileExists(atPath: string) }

    func makeDirectory() throws {
        try FileManager.default.createDirectory(atPath: string, withIntermediateDirectories: true)
    }

    func move(to target: FilePath) throws {
        try FileManager.default.moveItem(atPath: string, toPath: target.string)
    }

    func contents() throws -> [UInt8] { try Array(Data(contentsOf: URL(fileURLWithPath: string))) }

    func replaceContents(_ bytes: some Collection<UInt8>) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: string))
    }

    /// Copies a directory as it is now: what a crash of the process would leave.
    func copyTree(to target: FilePath) throws {
        try FileManager.default.copyItem(atPath: string, toPath: target.string)
    }
}

extension LogClock.Readings {
    /// Clocks that stand still, in a boot of this name.
    static func inBoot(_ boot: String) -> Self {
        Self(bootID: { boot }, sinceBoot: { 1_000 }, timeOfDay: { 1_000 })
    }
}

extension PartitionLog {
    /// Changes the configuration, so that one test sees the log under several settings.
    func configure(_ change: (inout LogConfiguration) -> Void) {
        var configuration = configuration
        change(&configuration)
        configure(configuration)
    }
}
