import CommitLedger
import ConnectAPI
import Glibc
import HDFSSink
import KafkaTopics
import PipelineTesting
import Storage
import Synchronization
import Testing

/// The failure of one partition does not affect the others and their open files.
@Suite(.timeLimit(.minutes(15))) struct PartitionIsolationTests {
    let harness = SinkHarness()
    let now = Moment(at: SinkHarness.start)
    let partitions = (0..<3).map { TopicPartition(topic: "comportamenti", partition: $0) }

    private func batch(_ partition: TopicPartition, from first: Int64 = 0, bytes: Int = 1) -> SinkRecords {
        let line = "{\"a\": \"\(String(repeating: "x", count: bytes))\"}"
        return SinkHarness.batch(of: partition, from: first, [(SinkHarness.start, line)])
    }

    /// A storage on which every call about one partition fails while `isBroken` is set.
    private struct Broken {
        let isBroken = Switch()
        let files: FaultyFileSystem

        init(_ base: any FileSystem, _ partition: TopicPartition, _ code: StorageError.Code) {
            files = FaultyFileSystem(base) { [isBroken] operation in
                let isMeant = operation.path.string.contains("/\(partition.topic)/\(partition.partition)/")
                return isMeant && isBroken.isOn ? .fails(code) : nil
            }
        }
    }

    private final class Switch: Sendable {
        private let state = Mutex(false)

        var isOn: Bool {
            get { state.withLock { $0 } }
            set { state.withLock { $0 = newValue } }
        }
    }

    @Test func aTimerThatFailsForOnePartitionFilesTheOthers() async throws {
        let storage = Broken(harness.files, partitions[0], .permissionDenied)
        let task = try harness.task(on: storage.files, ["visible.within.ms": "1000"])
        _ = try await task.open(partitions.map { SinkPartition($0) }, now: now)
        for partition in partitions { try await task.put(batch(partition), now: now) }
        storage.isBroken.isOn = true
        let later = Moment(at: SinkHarness.start.advanced(byMilliseconds: 1000))
        let error = await #expect(throws: SinkTaskError.self) { try await task.timerFired(now: later) }
        #expect(error?.partitions == [partitions[0]])
        #expect(error?.code == .retriable)
        #expect(task.committable() == [partitions[1]: 1, partitions[2]: 1])
        // Once the permission is back, nothing is lost.
        storage.isBroken.isOn = false
        let start = try await task.open([SinkPartition(partitions[0])], now: later)[partitions[0]]
        #expect(start?.next == nil)
        try await task.put(batch(partitions[0]), now: later)
        try await task.close(partitions, .handedOver, now: later)
        #expect(task.committable() == [partitions[0]: 1, partitions[1]: 1, partitions[2]: 1])
    }

    /// Memory runs short while one partition's batch is taken, and another one's file cannot be written.
    @Test func aBatchThatWasTakenIsNotBlamedForAnotherPartition() async throws {
        let storage = Broken(harness.files, partitions[0], .noSpace)
        let task = try harness.task(on: storage.files, memoryBytes: 100 << 10)
        _ = try await task.open(partitions.map { SinkPartition($0) }, now: now)
        try await task.put(batch(partitions[0], bytes: 90 << 10), now: now)
        storage.isBroken.isOn = true
        try await task.put(batch(partitions[1], bytes: 60 << 10), now: now)
        #expect(task.nextDeadline(now: now) == now.monotonic, "the runner is told at once")
        let error = await #expect(throws: SinkTaskError.self) { try await task.timerFired(now: now) }
        #expect(error?.partitions == [partitions[0]] && error?.code == .retriable)
        try await task.put(batch(partitions[1], from: 1), now: now)
        try await task.close([partitions[1]], .handedOver, now: now)
        #expect(task.committable() == [partitions[1]: 2])
    }

    @Test func aFileInTheWayIsNamedWithItsCureAndGoesOnWithoutIt() async throws {
        let task = try harness.task()
        _ = try await task.open(partitions.map { SinkPartition($0) }, now: now)
        for partition in partitions { try await task.put(batch(partition), now: now) }
        let foreign = try StoragePath("raw_data/comportamenti/2021/03/24/11/comportamenti_0_0000000000_0000000000.json")
        try await harness.files.write(Array("foreign".utf8), to: foreign)
        let error = await #expect(throws: SinkTaskError.self) {
            try await task.close(partitions, .handedOver, now: now)
        }
        #expect(error?.partitions == [partitions[0]] && error?.code == .permanent)
        #expect(error?.message.contains(foreign.string) == true && error?.message.contains("move it away") == true)
        #expect(task.committable() == [partitions[1]: 1, partitions[2]: 1])
        _ = try await harness.files.delete(foreign)
        let start = try await task.open([SinkPartition(partitions[0])], now: now)[partitions[0]]
        #expect(start?.next == 1)
        #expect(try await harness.files.read(foreign, bytesMax: 100).isEmpty == false, "it has its name now")
    }

    /// One flipped bit in the newest record: that partition alone stops, with the command that helps.
    @Test func aDamagedRecordStopsItsPartitionAlone() async throws {
        try await SinkHarness.run(harness.task(), upTo: 12)
        let newest = try #require(try await harness.history().records.last?.record.sequence)
        let layout = try CommitLayout(
            partition: partitions[0],
            connector: "hdfs3-sink",
            topicsDirectory: StoragePath("raw_data"),
            logsDirectory: StoragePath("_logs")
        )
        let path = try layout.record(sequence: newest)
        var bytes = try await harness.files.read(path, bytesMax: 1 << 20)
        bytes[bytes.count / 2] ^= 1
        _ = try await harness.files.delete(path)
        try await harness.files.write(bytes, to: path)
        let task = try harness.task(writer: "two")
        let error = await #expect(throws: SinkTaskError.self) {
            _ = try await task.open(partitions.map { SinkPartition($0) }, now: now)
        }
        #expect(error?.partitions == [partitions[0]] && error?.code == .permanent)
        #expect(error?.message.contains(path.string) == true)
        #expect(error?.message.contains("hera repair accept comportamenti-0") == true)
        for partition in partitions.dropFirst() { try await task.put(batch(partition), now: now) }
        try await task.close(Array(partitions.dropFirst()), .handedOver, now: now)
        #expect(task.committable() == [partitions[1]: 1, partitions[2]: 1])
    }

    /// However a partition ends, its open files are closed.
    @Test func aPartitionThatIsGivenUpKeepsNoFileOpen() async throws {
        let failsClose = Switch()
        let counting = FaultyFileSystem(harness.files) { operation in
            let name = operation.path.name
            let isThird = operation.kind == .close && name.hasPrefix("data-") && name.hasSuffix("2.json")
            return isThird && failsClose.isOn ? .fails(.deviceError) : nil
        }
        func openDataFiles() -> Int { counting.openWriters.count { $0.name.hasPrefix("data-") } }
        let task = try harness.task(on: counting, ["flush.size": "1000"])
        for number in 0..<20 {
            failsClose.isOn = number % 2 == 1
            _ = try await task.open(partitions.map { SinkPartition($0) }, now: now)
            for partition in partitions {
                let records = (0..<5).map { hour in
                    (time: SinkHarness.start.advanced(byMilliseconds: Int64(hour) * 3_600_000), value: Optional("{}"))
                }
                let next = task.committable()[partition] ?? 0
                try await task.put(SinkHarness.batch(of: partition, from: next, records), now: now)
            }
            #expect(openDataFiles() == 15)
            do {
                try await task.close(partitions, number % 3 == 0 ? .abandoned : .handedOver, now: now)
            } catch {
                #expect(failsClose.isOn && error.code == .retriable)
            }
            #expect(openDataFiles() == 0, "round \(number)")
        }
    }
}
