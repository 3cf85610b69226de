import Audit
import CommitLedger
import Foundation
import HDFSSink
import KafkaClient
import KafkaTopics
import Logging
import PipelineTesting
import Storage
import Synchronization
import Testing

@testable import ConnectRuntime

/// The audit of a topic of a mock cluster and of the files that the commit protocol made of its records.
@Suite(.timeLimit(.minutes(15))) struct AuditorTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    private static let topic = FiledZone.partition.topic
    private let cluster: MockCluster

    init() async throws {
        cluster = try MockCluster()
        try cluster.create(Self.topic)
        try await send((0..<6).map { (key: "HE_\($0)", value: FiledZone.line($0)) })
    }

    private func send(
        _ records: [(key: String, value: String?)],
        to topic: String = Self.topic,
        headers: [RecordHeader] = []
    ) async throws {
        try await withProducer(ProducerConfiguration(bootstrap: cluster.bootstrap), logger: logger) { producer in
            for record in records {
                let sent = KafkaRecord(
                    topic: topic,
                    partition: 0,
                    key: Array(record.key.utf8),
                    value: record.value.map { Array($0.utf8) },
                    headers: headers
                )
                _ = try await producer.send(sent)
            }
        }
    }

    private func audit(
        _ zone: FiledZone,
        minutesLater minutes: Int64 = 0,
        _ change: (inout AuditConfiguration) -> Void = { _ in }
    ) async throws -> AuditReport {
        var configuration = zone.audit(ClientConfiguration(bootstrap: cluster.bootstrap)) {
            Int64(Date.now.timeIntervalSince1970 * 1_000) + minutes * 60_000 + 1_000
        }
        change(&configuration)
        return try await Auditor(configuration, logger: logger).run()
    }

    @Test func whatIsFiledOrInFlightHolds() async throws {
        var zone = try await FiledZone()
        try await zone.file(0..<3)
        try await zone.file(3..<5)
        let report = try await audit(zone)
        #expect(report.holds, "\(report.text)")
        #expect(report.partitions.map(\.produced) == [6])
        #expect(report.partitions.map(\.filed) == [5])
        #expect(report.partitions.map(\.compared) == [5])
        #expect(report.partitions.map(\.inFlight) == [1])
        #expect(report.partitions.first?.inFlightSinceMilliseconds != nil)
        #expect(report.text.contains("What the source sent: not judged"))
        #expect(report.text.contains("premi-0: 1, since 20"))
    }

    @Test func removedLineIsNamedByItsOffset() async throws {
        var zone = try await FiledZone()
        try await zone.file(0..<3)
        let file = try await zone.file(3..<6)
        try await zone.replace(file, with: [FiledZone.line(3), FiledZone.line(5)])
        let report = try await audit(zone)
        let trouble = try only(report)
        #expect(trouble.kind == .linesMissing)
        #expect(trouble.path == file.final)
        #expect(trouble.firstOffset == 4 && trouble.lastOffset == 4)
        #expect(trouble.user == "HE_4")
    }

    // MARK: - What was filed is compared with the topic

    /// All counts and checksums agree, and yet the file holds another record than the topic at offset 1: the log gave
    /// the offset twice.
    @Test func recordThatTheTopicDoesNotHoldIsFound() async throws {
        var zone = try await FiledZone()
        let file = try await zone.file(0..<3) { $0 == 1 ? FiledZone.line(7) : FiledZone.line($0) }
        try await zone.file(3..<6)
        let trouble = try only(try await audit(zone))
        #expect(trouble.kind == .recordsDiffer)
        #expect(trouble.path == file.final)
        #expect(trouble.firstOffset == 1 && trouble.lastOffset == 1)
        #expect(trouble.what.contains("not in the topic: line 2"))
        #expect(trouble.advice.contains("hera repair"))
    }

    @Test func swappedLinesAreFound() async throws {
        var zone = try await FiledZone()
        let file = try await zone.file(0..<6) { [1: 2, 2: 1][$0].map { FiledZone.line($0) } ?? FiledZone.line($0) }
        let trouble = try only(try await audit(zone))
        #expect(trouble.kind == .recordsDiffer)
        #expect(trouble.path == file.final)
    }

    @Test func changedByteIsFoundOnce() async throws {
        var zone = try await FiledZone()
        let file = try await zone.file(0..<6)
        try await zone.replace(file, with: (0..<6).map { FiledZone.line($0 == 4 ? 9 : $0) })
        let trouble = try only(try await audit(zone))
        #expect(trouble.kind == .linesChanged)
        #expect(trouble.firstOffset == 4 && trouble.lastOffset == 4)
    }

    @Test func filesThatChangedPlacesAreFound() async throws {
        var zone = try await FiledZone()
        let first = try await zone.file(0..<3)
        let second = try await zone.file(3..<6)
        try await zone.replace(first, with: (3..<6).map(FiledZone.line))
        try await zone.replace(second, with: (0..<3).map(FiledZone.line))
        let report = try await audit(zone)
        #expect(Set(report.troubles.map(\.path)) == [first.final, second.final], "\(report.text)")
    }

    /// Records of two hours come in turn: each hour has a file, and their offsets interleave.
    @Test func interleavingFilesAreComparedTogether() async throws {
        var zone = try await FiledZone()
        let even = try await zone.write([0, 2, 4], directory: "2021/03/24/10")
        let odd = try await zone.write([1, 3, 5], directory: "2021/03/24/11")
        try await zone.commit(0..<6, [even, odd])
        let report = try await audit(zone)
        #expect(report.holds, "\(report.text)")
        #expect(report.partitions.map(\.compared) == [6])
    }

    @Test func wrongLineOfAnInterleavingFileIsFoundInItsFile() async throws {
        var zone = try await FiledZone()
        let even = try await zone.write([0, 2, 4], directory: "2021/03/24/10")
        let odd = try await zone.write([1, 3, 5], directory: "2021/03/24/11") { FiledZone.line($0 == 3 ? 8 : $0) }
        try await zone.commit(0..<6, [even, odd])
        let trouble = try only(try await audit(zone))
        #expect(trouble.kind == .recordsDiffer)
        #expect(trouble.path == odd.final)
        #expect(trouble.firstOffset == 3 && trouble.lastOffset == 3)
    }

    @Test func recordThatWasCountedAndNotFiledIsFound() async throws {
        var zone = try await FiledZone()
        let file = try await zone.write([0, 1, 2, 3, 4])
        try await zone.commit(0..<6, [file], counts: CommitCounts(unfiled: .init(filtered: 1)))
        let trouble = try only(try await audit(zone))
        #expect(trouble.kind == .recordsDiffer)
        #expect(trouble.what.contains("6 records at these offsets have a value"))
    }

    @Test func recordsWhereACommitFoundNoneAreFound() async throws {
        var zone = try await FiledZone()
        let file = try await zone.write([0, 1, 2, 3])
        try await zone.commit(0..<6, [file], counts: CommitCounts(unfiled: .init(absent: 2)))
        let trouble = try only(try await audit(zone))
        #expect(trouble.kind == .recordsDiffer)
        #expect(trouble.what.contains("found 4 records at these offsets, and the topic holds 6"))
    }

    /// An earlier program took all white space out of values with line breaks.
    @Test func valueWithLineBreaksIsComparedAsItWasFiled() async throws {
        try await send([("HE_6", "{\n  \"id_utente\": \"HE_6\"\n}")])
        var zone = try await FiledZone()
        try await zone.file(0..<7) { $0 == 6 ? #"{"id_utente":"HE_6"}"# : FiledZone.line($0) }
        let report = try await audit(zone)
        #expect(report.holds, "\(report.text)")
    }

    @Test func lostRecordsDoNotHold() async throws {
        var zone = try await FiledZone()
        let file = try await zone.write([2, 3, 4, 5])
        try await zone.commit(0..<6, [file], lost: [0..<2], counts: CommitCounts(unfiled: .init(lost: 2)), time: 77)
        let report = try await audit(zone)
        #expect(report.troubles.contains { $0.kind == .recordsLost && $0.firstOffset == 0 && $0.lastOffset == 1 })
        #expect(!report.text.contains("none missing"))
    }

    @Test func deletedCommitRecordsAreNotTakenForAnother() async throws {
        var zone = try await FiledZone()
        try await zone.file(0..<6)
        for sequence in Int64(1)...2 { _ = try await zone.storage.delete(zone.layout.record(sequence: sequence)) }
        let report = try await audit(zone)
        #expect(report.partitions.map(\.uncheckedFiles) == [1])
        #expect(report.text.contains("not judged"))
        let strict = try await audit(zone) { $0.filesEverything = true }
        #expect(strict.troubles.map(\.kind) == [.fileUnexplained], "\(strict.text)")
    }

    // MARK: - Progress and what is beside the topics

    @Test func placeThatStandsIsAStall() async throws {
        var zone = try await FiledZone()
        try await zone.file(0..<5)
        let trouble = try only(try await audit(zone, minutesLater: 20))
        #expect(trouble.kind == .partitionStalled)
        #expect(trouble.firstOffset == 5 && trouble.lastOffset == 5)
        #expect(trouble.sinceMilliseconds != nil)
        let stopped = try await audit(zone, minutesLater: 20) { $0.isRunning = false }
        #expect(stopped.holds, "\(stopped.text)")
    }

    /// One record is in flight since a moment, and the connector's task says how it is.
    private func audit(
        task: SinkTaskStatus.State = .running,
        _ state: SinkPartitionStatus.State
    ) async throws -> AuditReport {
        var zone = try await FiledZone()
        try await zone.file(0..<5)
        let partition = SinkPartitionStatus(
            topic: Self.topic,
            partition: 0,
            state: state,
            reason: "the disk is broken",
            unwellMilliseconds: 4_000,
            delivered: 5,
            filtered: 0,
            deadLettered: 0,
            absent: 0,
            lost: 0
        )
        return try await audit(zone) {
            $0.isRunning = true
            $0.task = .init(
                SinkTaskStatus(state: task, reason: "the task is broken", partitions: [partition]),
                atMilliseconds: 10_000
            )
        }
    }

    @Test(arguments: [
        (SinkPartitionStatus.State.failed, AuditTrouble.Kind.partitionFailed), (.stalled, .partitionStalled),
    ])
    func partitionThatTheConnectorDoesNotFileIsToldAtOnce(
        _ state: SinkPartitionStatus.State,
        _ kind: AuditTrouble.Kind
    ) async throws {
        let trouble = try only(try await audit(state))
        #expect(trouble.kind == kind)
        #expect(trouble.what.contains("the disk is broken"))
        #expect(trouble.firstOffset == 5 && trouble.lastOffset == 5)
        #expect(trouble.sinceMilliseconds == 6_000)
    }

    @Test func partitionThatIsTriedAgainIsNoTrouble() async throws {
        let report = try await audit(.degraded)
        #expect(report.holds, "\(report.text)")
    }

    @Test func taskThatHasEndedIsToldAtOnce() async throws {
        let trouble = try only(try await audit(task: .failed, .running))
        #expect(trouble.kind == .connectorFailed)
        #expect(trouble.what.contains("the task is broken"))
        #expect(try only(try await audit(task: .failed, .failed)).kind == .partitionFailed, "it is told once")
    }

    @Test func unfiledTopicsAreNamed() async throws {
        try cluster.create("comportamento")
        try cluster.create("__internal")
        try await send([("a", "{}")], to: "comportamento")
        var zone = try await FiledZone()
        try await zone.file(0..<6)
        let report = try await audit(zone)
        #expect(report.holds)
        #expect(report.unfiledTopics == [UnfiledTopic(topic: "comportamento", records: 1)])
        #expect(report.text.contains("comportamento, 1 record"))
    }

    @Test func deadLettersAreCountedByCauseAndOrigin() async throws {
        try await send([("HE_6", "nonsense")])
        let queue = "dlq_\(FiledZone.connector)"
        try cluster.create(queue)
        let headers = [
            ("topic", Self.topic), ("partition", "0"), ("offset", "6"), ("connector.name", FiledZone.connector),
            ("stage", "VALUE_CONVERTER"), ("exception.class.name", "DataException"),
            ("exception.message", "bad\u{1B}[2J"),
        ].map { RecordHeader(name: "__connect.errors.\($0)", value: Array($1.utf8)) }
        // After a crash it is written again.
        for _ in 0..<2 { try await send([("HE_6", "nonsense")], to: queue, headers: headers) }
        var zone = try await FiledZone()
        let file = try await zone.write([0, 1, 2, 3, 4, 5])
        try await zone.commit(0..<7, [file], counts: CommitCounts(unfiled: .init(deadLettered: 1)))
        let report = try await audit(zone)
        #expect(report.holds, "\(report.text)")
        #expect(report.deadLetters.map(\.records) == [1])
        #expect(report.deadLetters.first?.message == "bad\u{1B}[2J")
        #expect(report.text.contains("1  VALUE_CONVERTER: bad\\u{1b}[2J (DataException)"))
    }

    @Test func progressEndsAtItsTotal() async throws {
        var zone = try await FiledZone()
        try await zone.file(0..<6)
        let last = Mutex(AuditProgress?.none)
        _ = try await audit(zone) { $0.onProgress = { progress in last.withLock { $0 = progress } } }
        let progress = try #require(last.withLock { $0 })
        #expect(progress.done == progress.total)
        #expect(progress.total == 12, "the file's lines, and the topic's records")
    }

    @Test func onlyTheRangeIsRead() async throws {
        let reader = TopicReader(client: ClientConfiguration(bootstrap: cluster.bootstrap), logger: logger)
        var offsets: [Int64] = []
        try await reader.read([FiledZone.partition: 1..<4]) { _, record in offsets.append(record.offset) }
        #expect(offsets == [1, 2, 3])
    }

    private func only(_ report: AuditReport) throws -> AuditTrouble {
        #expect(report.troubles.count == 1, "\(report.text)")
        return try #require(report.troubles.first)
    }
}
