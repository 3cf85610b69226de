import Foundation
import KafkaProtocol
import NIOCore
import PipelineTesting
import SystemPackage
import Testing

@testable import CommitLog

/// Random actions on a log and on ``LogModel``, compared after each one. A failing seed repeats the same actions.
@Suite(.timeLimit(.minutes(15)))
struct ModelTests {
    private static let steps = 150

    @Test(arguments: Seeds.chosen(Array(1...20)))
    func theLogIsWhatTheModelIs(seed: UInt64) throws {
        try withSeed(seed) { random in
            try withTemporaryDirectory { path in
                var run = ModelRun(root: path, random: random)
                try run.start()
                for step in 0..<Self.steps {
                    do {
                        try run.step()
                        try run.compare()
                    } catch {
                        throw StepFailure(step: step, underlying: error)
                    }
                }
            }
        }
    }
}

private struct StepFailure: Error, CustomStringConvertible {
    let step: Int
    let underlying: any Error

    var description: String { "step \(step): \(underlying)" }
}

private struct Difference: Error, CustomStringConvertible {
    let description: String

    static func check<Value: Equatable>(_ real: Value, _ model: Value, _ what: String) throws {
        if real != model { throw Difference(description: "\(what) is \(real), the model has \(model)") }
    }
}

private struct ModelRun {
    let root: FilePath
    var random: SeededGenerator
    var model = LogModel()
    var log: PartitionLog?
    var generation = 0
    /// The next sequence number of each producer, as it believes; and the last batch it sent.
    var sequences: [Int64: Int32] = [:]
    var sent: [TestBatch] = []
    var configuration = LogConfiguration.small
    /// Moves on with every step, and begins behind the time of any file.
    var now: Int64 = 1 << 43
    /// What a power cut cannot take any more: records before it.
    var durableOffset: Int64 = 0

    var directory: FilePath { root.appending("log-\(generation)") }

    init(root: FilePath, random: SeededGenerator) {
        self.root = root
        self.random = random
    }

    mutating func start() throws {
        configuration.segmentBytes = Int.random(in: 100...3_000, using: &random)
        configuration.indexIntervalBytes = Int.random(in: 1...500, using: &random)
        configuration.segmentMilliseconds = Int64.random(in: 50...3_000, using: &random)
        (configuration.recoveryPointBytes, configuration.recoveryPointMilliseconds) = (1, 0)
        log = try PartitionLog.opened(directory, configuration, now: now)
    }

    mutating func step() throws {
        now += Int64.random(in: 0...100, using: &random)
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<60: try append(newBatch())
        case 60..<72: if let again = sent.suffix(8).randomElement(using: &random) { try append(again) }
        case 72..<76: try append(strangeBatch())
        case 76..<80:
            try log?.maintain(now: now)
            durableOffset = max(durableOffset, log?.flushedOffset ?? 0)
        case 80..<83: try flush()
        case 83..<86: try retain()
        case 86..<92: try crash()
        case 92..<96: try tornCrash()
        default: try restart()
        }
    }

    private mutating func newBatch() -> TestBatch {
        var batch = TestBatch()
        batch.timestamps = (0..<Int.random(in: 1...3, using: &random)).map { _ in .random(in: 0...500, using: &random) }
        batch.valueBytes = .random(in: 0...120, using: &random)
        batch.tag = "\(sent.count)"
        batch.producerID = .random(in: -1...2, using: &random)
        if batch.producerID >= 0 {
            batch.baseSequence = sequences[batch.producerID, default: 0]
            sequences[batch.producerID] = batch.baseSequence + Int32(batch.timestamps.count)
        }
        sent.append(batch)
        return batch
    }

    /// One that is missing another before it, or of another epoch.
    private mutating func strangeBatch() -> TestBatch {
        var batch = newBatch()
        batch.producerID = 1
        batch.baseSequence = .random(in: 0...20, using: &random)
        batch.producerEpoch = .random(in: 0...1, using: &random)
        return batch
    }

    private mutating func append(_ batch: TestBatch) throws {
        let expected = model.append(batch)
        let real: LogModel.Expectation
        do throws(LogError) {
            guard let log else { return }
            real = .outcome(try log.append(batch, now: now))
        } catch {
            real = .refused(error.code)
        }
        try Difference.check(real, expected, "the outcome of \(batch)")
        // A producer that was refused starts again where the log is.
        if case .refused = expected, let newest = model.batches.last(where: { $0.producerID == batch.producerID }) {
            sequences[batch.producerID] = newest.sequence + Int32(newest.timestamps.count)
        }
    }

    private mutating func flush() throws {
        try log?.flush()
        durableOffset = model.endOffset
    }

    /// Retention by time takes all that was appended before; by size it takes whole segments and leaves enough.
    private mutating func retain() throws {
        // What a power cut takes of deleted records is tested by itself.
        try flush()
        guard let log else { return }
        let bytes = random.chance(1, in: 2) ? Int.random(in: 0...4_000, using: &random) : nil
        log.configure {
            $0.retentionBytes = bytes
            $0.retentionMilliseconds = bytes == nil ? 0 : nil
        }
        defer { log.configure { $0 = configuration } }
        let start = try log.applyRetention(now: now + 1).logStartOffset
        if let bytes {
            let kept = model.batches.filter { $0.baseOffset >= start }
            let isEnough = start == model.startOffset || kept.reduce(0) { $0 + $1.byteCount } >= bytes
            try Difference.check(isEnough, true, "whether \(bytes) bytes are kept from \(start) on")
        } else {
            try Difference.check(start, model.endOffset, "the start behind old records")
        }
        model.startOffset = start
    }

    private mutating func restart() throws {
        try log?.close()
        let (opened, report) = try PartitionLog.open(
            directory: directory,
            configuration: configuration,
            now: now,
            calls: .withoutWaiting
        )
        try Difference.check(report.wasClean, true, "a clean opening")
        log = opened
        durableOffset = model.endOffset
    }

    /// The process ends here: the files are as they are.
    private mutating func crash() throws {
        let before = directory
        generation += 1
        try before.copyTree(to: directory)
        let (opened, report) = try PartitionLog.open(
            directory: directory,
            configuration: configuration,
            now: now,
            calls: .withoutWaiting
        )
        try Difference.check(report.bytesCut, 0, "the number of bytes cut")
        log = opened
    }

    /// The machine ended: the last segment ends somewhere behind what the device had, perhaps inside a batch.
    private mutating func tornCrash() throws {
        let before = directory
        generation += 1
        try before.copyTree(to: directory)
        guard let last = try directory.files("log").last, let base = Int64(last.stem ?? "") else { return }
        let inLast = model.batches.filter { $0.baseOffset >= base }
        let durableBytes = inLast.filter { $0.nextOffset <= durableOffset }.reduce(0) { $0 + $1.byteCount }
        let bytes = try last.contents()
        let length = Int.random(in: durableBytes...bytes.count, using: &random)
        try last.replaceContents(bytes[..<length])
        var kept = model.batches.count - inLast.count
        var end = 0
        for batch in inLast {
            end += batch.byteCount
            if end <= length { kept += 1 }
        }
        model.keepFirst(kept)
        log = try PartitionLog.opened(directory, configuration, now: now)
        sequences = [:]
        for batch in model.batches where batch.producerID >= 0 {
            sequences[batch.producerID] = batch.sequence + Int32(batch.timestamps.count)
        }
    }

    mutating func compare() throws {
        guard let log else { return }
        try Difference.check(log.endOffset, model.endOffset, "the end offset")
        try Difference.check(log.logStartOffset, model.startOffset, "the log start offset")
        let visible = model.batches.filter { $0.nextOffset > model.startOffset }
        let maxBytes = Int.random(in: 0...2_000, using: &random)
        let real = try log.allBatches(maxBytes: maxBytes)
        try Difference.check(real.map(LogModel.body), visible.map(\.body), "the batches")
        let offsets = try real.map { try RecordBatchHeader($0).baseOffset }
        try Difference.check(offsets, visible.map(\.baseOffset), "the offsets")
        let time = Int64.random(in: 0...510, using: &random)
        let found = try log.offset(forTimestamp: time)
        try Difference.check(found, model.offset(forTimestamp: time), "the offset for time \(time)")
        if let offset = (model.startOffset..<model.endOffset).randomElement(using: &random) {
            let base = model.batches.last { $0.baseOffset <= offset }?.baseOffset
            try Difference.check(try log.read(from: offset, maxBytes: 1)?.baseOffset, base, "the batch of \(offset)")
        }
    }
}

/// What a log has to be, said as simply as possible: a list of batches.
struct LogModel {
    struct Batch: Equatable {
        var baseOffset: Int64
        var timestamps: [Int64]
        var body: ByteBuffer
        var producerID: Int64
        var epoch: Int16
        var sequence: Int32

        /// The bytes in the file: the body and what the log writes before it.
        var byteCount: Int { body.readableBytes + 16 }
        var nextOffset: Int64 { baseOffset + Int64(timestamps.count) }
    }

    var batches: [Batch] = []
    var startOffset: Int64 = 0
    var endOffset: Int64 = 0

    /// The bytes that the log does not write into.
    static func body(_ batch: ByteBuffer) -> ByteBuffer {
        batch.getSlice(at: batch.readerIndex + 16, length: batch.readableBytes - 16) ?? ByteBuffer()
    }

    enum Expectation: Equatable {
        case outcome(AppendOutcome)
        case refused(LogError.Code)
    }

    mutating func append(_ sent: TestBatch) -> Expectation {
        let known = batches.filter { $0.producerID == sent.producerID }
        if sent.producerID >= 0, let newest = known.last {
            let recent = known.filter { $0.epoch == newest.epoch }.suffix(5)
            if sent.producerEpoch < newest.epoch { return .refused(.invalidProducerEpoch) }
            if sent.producerEpoch > newest.epoch {
                if sent.baseSequence != 0 { return .refused(.outOfOrderSequence) }
            } else if let duplicate = recent.last(where: {
                $0.sequence == sent.baseSequence && $0.timestamps.count == sent.timestamps.count
            }) {
                return .outcome(.duplicate(baseOffset: duplicate.baseOffset, lastOffset: duplicate.nextOffset - 1))
            } else if sent.baseSequence != newest.sequence + Int32(newest.timestamps.count) {
                return .refused(.outOfOrderSequence)
            }
        }
        let batch = Batch(
            baseOffset: endOffset,
            timestamps: sent.timestamps,
            body: Self.body(sent.buffer),
            producerID: sent.producerID,
            epoch: sent.producerEpoch,
            sequence: sent.baseSequence
        )
        batches.append(batch)
        endOffset = batch.nextOffset
        return .outcome(.appended(baseOffset: batch.baseOffset, lastOffset: batch.nextOffset - 1))
    }

    /// A crash that left the first `count` batches.
    mutating func keepFirst(_ count: Int) {
        batches.removeSubrange(count...)
        endOffset = max(startOffset, batches.last?.nextOffset ?? 0)
    }

    func offset(forTimestamp timestamp: Int64) -> TimestampedOffset? {
        for batch in batches {
            for (index, time) in batch.timestamps.enumerated() {
                let offset = batch.baseOffset + Int64(index)
                if offset >= startOffset, time >= timestamp {
                    return TimestampedOffset(offset: offset, timestamp: time)
                }
            }
        }
        return nil
    }
}
