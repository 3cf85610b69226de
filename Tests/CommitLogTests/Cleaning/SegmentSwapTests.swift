import Files
import PipelineTesting
import SystemPackage
import Testing

@testable import CommitLog

@Suite(.timeLimit(.minutes(15)))
struct SegmentSwapTests {
    private let disk = Disk(calls: .withoutWaiting)

    @Test func theBytesOfTheFile() throws {
        try withTemporaryDirectory { path in
            try SegmentSwap(segments: [4_711, 5_213]).begin(in: path, disk: disk)
            let bytes = try path.appending("swap.json").contents()
            let expected = """
                {"crc32c":"@","kind":"swap","version":2}
                {
                  "segments" : [
                    4711,
                    5213
                  ]
                }

                """
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(text.replacing(/"crc32c":"[0-9a-f]{8}"/, with: "\"crc32c\":\"@\"") == expected)
            #expect(try SegmentSwap.load(from: path, disk: disk) == SegmentSwap(segments: [4_711, 5_213]))
        }
    }

    @Test func aDamagedFileIsNotGuessedAt() throws {
        try withTemporaryDirectory { path in
            for text in ["", "{}", "{\"crc32c\":\"00000000\",\"kind\":\"swap\",\"version\":2}\n{}"] {
                try path.appending("swap.json").replaceContents(Array(text.utf8))
                let error = #expect(throws: LogError.self) { _ = try PartitionLog.opened(path) }
                #expect(error?.code == .damaged)
            }
        }
    }

    /// The power goes after each operation of a cleaning in turn.
    @Test(arguments: Seeds.chosen([1, 2]))
    func aCutAtAnyStepLosesNoKey(seed: UInt64) throws {
        try withSeed(seed) { random in
            try withTemporaryDirectory { path in
                let root = path.appending("log")
                try root.makeDirectory()
                let power = try PowerLoss(below: root)
                let log = try PartitionLog.opened(root, .compacted, calls: power.calls)
                for index in 0..<30 {
                    let key = index % 10 == 0 ? "once-\(index)" : "k\(index % 4)"
                    try log.append([(key: key, value: "\(index)")])
                }
                try log.sealAll()
                let before = try log.records()
                let newest = Dictionary(before.map { ($0.key, $0) }) { $1 }
                let start = power.operationCount
                try log.clean(calls: power.calls)
                let after = try log.records()
                #expect(Set(after) == Set(newest.values))
                #expect(power.operationCount > start + 10)
                for cut in start...power.operationCount {
                    let left = path.appending("\(cut)")
                    try power.materialize(in: left, after: cut, using: &random)
                    let (again, report) = try PartitionLog.open(
                        directory: left,
                        configuration: .compacted,
                        now: 1_000,
                        calls: .withoutWaiting
                    )
                    #expect(report.damages.isEmpty && report.gaps.isEmpty, "\(cut): \(report)")
                    #expect(again.endOffset == 30)
                    let found = Set(try again.records())
                    #expect(found.isSuperset(of: after) && found.isSubset(of: before), "cut \(cut)")
                    try again.maintain(now: 1_000)
                    try again.clean()
                    #expect(try again.records() == after, "cut \(cut)")
                    #expect(try left.files("cleaned").isEmpty && !left.appending("swap.json").exists)
                }
            }
        }
    }

    /// Each call of the disk fails in turn: the log goes on as it was, and the next cleaning makes it good.
    @Test func afterAFailureAtAnyStepTheNextCleaningIsRight() throws {
        try withTemporaryDirectory { path in
            var failing = 0
            while true {
                let directory = path.appending("\(failing)")
                let faults = FailingCall()
                let log = try PartitionLog.opened(directory, .compacted, calls: faults.calls)
                for index in 0..<40 { try log.append([(key: "k\(index % 4)", value: "\(index)")]) }
                try log.sealAll()
                let before = try log.records()
                faults.fail(after: failing)
                do throws(LogError) {
                    _ = try clean(log, faults.calls)
                    break
                } catch {
                    #expect(error.code == .storageFailed)
                }
                let between = Set(try log.records())
                #expect(between.isSuperset(of: before.suffix(4)) && between.isSubset(of: before))
                for record in between {
                    #expect(try log.read(from: record.offset, maxBytes: 1) != nil)
                }
                let copy = path.appending("\(failing)-killed")
                try directory.copyTree(to: copy)
                let found = Set(try PartitionLog.opened(copy, .compacted).records())
                #expect(found.isSuperset(of: before.suffix(4)) && found.isSubset(of: before))
                try log.maintain(now: 1_000)
                _ = try clean(log, faults.calls)
                #expect(try log.records() == Array(before.suffix(4)), "failure \(failing)")
                let later = path.appending("\(failing)-later")
                try directory.copyTree(to: later)
                #expect(try PartitionLog.opened(later, .compacted).records() == Array(before.suffix(4)))
                failing += 1
            }
            #expect(failing > 10)
        }
    }

    private func clean(_ log: PartitionLog, _ calls: DiskCalls) throws(LogError) -> CleaningReport? {
        guard let plan = try log.cleaningPlan(now: 1_000) else { return nil }
        var cleaning = LogCleaning(plan, of: log, disk: Disk(calls: calls))
        do throws(LogError) {
            while try cleaning.step() != nil {}
        } catch {
            cleaning.abandon()
            throw error
        }
        return cleaning.report
    }
}
