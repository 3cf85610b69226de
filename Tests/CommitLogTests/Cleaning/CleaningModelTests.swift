import Files
import KafkaProtocol
import PipelineTesting
import SystemPackage
import Testing

@testable import CommitLog

/// Random records, cleanings and restarts, held against what compaction promises: see ``CleaningModel``.
@Suite(.timeLimit(.minutes(15)))
struct CleaningModelTests {
    @Test(arguments: Seeds.chosen(Array(1...20)))
    func compactionKeepsItsPromises(seed: UInt64) throws {
        try withSeed(seed) { random in
            try withTemporaryDirectory { path in
                var run = CleaningRun(path: path, random: random)
                try run.start()
                for _ in 0..<80 { try run.step() }
            }
        }
    }
}

/// What was appended, and what a cleaning may have taken of it.
private struct CleaningModel {
    var records: [KeyedRecord] = []
    /// When a tombstone may be gone: the time of the first cleaning that found it, and its retention.
    var horizons: [Int64: Int64] = [:]

    var newest: [String: KeyedRecord] { Dictionary(records.map { ($0.key, $0) }) { $1 } }

    /// - Parameters:
    ///   - cleaned: Records before it were cleaned.
    ///   - touched: Records from here on were not, not even by a cleaning that did not come to its end.
    func check(_ found: [KeyedRecord], cleaned: Int64, touched: Int64, now: Int64) throws {
        let all = Dictionary(uniqueKeysWithValues: records.map { ($0.offset, $0) })
        for record in found {
            guard all[record.offset] == record else { throw BrokenPromise("\(record) was never appended") }
        }
        guard found.map(\.offset) == found.map(\.offset).sorted() else { throw BrokenPromise("the order") }
        let there = Set(found.map(\.offset))
        for record in newest.values where !there.contains(record.offset) {
            let mayBeGone = record.value == nil && horizons[record.offset].map { $0 <= now } == true
            guard mayBeGone else { throw BrokenPromise("the newest record of its key is gone: \(record)") }
            guard !found.contains(where: { $0.key == record.key }) else {
                throw BrokenPromise("a deleted key is back: \(record)")
            }
        }
        for record in records where record.offset >= touched && !there.contains(record.offset) {
            throw BrokenPromise("\(record) was not cleaned, and is gone")
        }
        let keys = found.filter { $0.offset < cleaned }.map(\.key)
        guard Set(keys).count == keys.count else { throw BrokenPromise("a key is there twice before \(cleaned)") }
    }
}

private struct BrokenPromise: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

private struct CleaningRun {
    let path: FilePath
    var random: SeededGenerator
    var model = CleaningModel()
    var log: PartitionLog?
    var now: Int64 = 1_000_000
    var generation = 0
    var cleaned: Int64 = 0
    var touched: Int64 = 0
    var configuration = LogConfiguration.compacted

    init(path: FilePath, random: SeededGenerator) {
        (self.path, self.random) = (path, random)
        configuration.segmentBytes = Int.random(in: 300...3_000, using: &self.random)
        configuration.deleteRetentionMilliseconds = 40
        configuration.cleanableRatioMin = [0, 0.3].randomElement(using: &self.random) ?? 0
    }

    private var directory: FilePath { path.appending("\(generation)") }

    mutating func start() throws { log = try PartitionLog.opened(directory, configuration, now: now) }

    mutating func step() throws {
        now += Int64.random(in: 0...10, using: &random)
        switch Int.random(in: 0..<12, using: &random) {
        case 0: try log?.sealAll(now: now)
        case 1: try log?.maintain(now: now)
        case 2, 3: try clean()
        case 4:
            try log?.close()
            try start()
        case 5:
            // The process ends here: the files are as they are, perhaps in the middle of a cleaning.
            try startCleaning()
            let before = directory
            generation += 1
            try before.copyTree(to: directory)
            try start()
        default: try append()
        }
        try check()
    }

    private mutating func append() throws {
        let count = Int.random(in: 1...6, using: &random)
        let time = Int64.random(in: 0...1_000, using: &random)
        let records = (0..<count).map { index in
            KeyedRecord(
                offset: (log?.endOffset ?? 0) + Int64(index),
                key: "k\(Int.random(in: 0..<25, using: &random))",
                value: random.chance(1, in: 4) ? nil : "v\(model.records.count + index)",
                timestamp: time
            )
        }
        let compression = random.chance(1, in: 3) ? Compression.allCases.randomElement(using: &random) : nil
        try log?.append(
            records.map { (key: $0.key, value: $0.value) },
            timestamp: time,
            compression: compression,
            now: now
        )
        model.records += records
    }

    private mutating func startCleaning() throws {
        guard let log, let plan = try log.cleaningPlan(now: now) else { return }
        var cleaning = LogCleaning(plan, of: log, disk: Disk(calls: .withoutWaiting))
        noteHorizons(before: plan.end)
        for _ in 0..<Int.random(in: 0...60, using: &random) {
            guard try cleaning.step() != nil else { break }
        }
        cleaned = max(cleaned, cleaning.report.cleanedOffset ?? 0)
        // What is half done stays where it is: the log is left behind.
    }

    private mutating func clean() throws {
        guard let log, let plan = try log.cleaningPlan(now: now) else { return }
        noteHorizons(before: plan.end)
        let mapBytes = [96, 24 * 16, 1 << 20].randomElement(using: &random) ?? 96
        let report = try log.clean(now: now, mapBytes: mapBytes)
        cleaned = max(cleaned, report?.cleanedOffset ?? 0)
    }

    private mutating func noteHorizons(before end: Int64) {
        touched = max(touched, end)
        for record in model.records where record.value == nil && record.offset < end {
            if model.horizons[record.offset] == nil {
                model.horizons[record.offset] = now + configuration.deleteRetentionMilliseconds
            }
        }
    }

    private mutating func check() throws {
        guard let log else { return }
        let found = try log.records()
        try model.check(found, cleaned: cleaned, touched: touched, now: now)
        guard log.logStartOffset == 0, log.endOffset == Int64(model.records.count) else {
            throw BrokenPromise("the log has \(log.logStartOffset)..<\(log.endOffset)")
        }
        let time = Int64.random(in: 0...1_001, using: &random)
        let expected = found.first { $0.timestamp >= time }
        let real = try log.offset(forTimestamp: time)
        guard real?.offset == expected?.offset else {
            throw BrokenPromise(
                "the offset for \(time) is \(String(describing: real)), not \(String(describing: expected))"
            )
        }
        guard let offset = (0..<log.endOffset).randomElement(using: &random) else { return }
        let slice = try log.read(from: offset, maxBytes: Int.random(in: 0...500, using: &random))
        let header = try slice.map { try RecordBatchHeader($0.bytes()) }
        guard let header, header.baseOffset...header.lastOffset ~= offset else {
            throw BrokenPromise("a read from \(offset) begins at \(String(describing: header))")
        }
    }
}
