import Checksums
import ConnectAPI
import KafkaTopics
import PipelineTesting
import Storage
import Synchronization
import Testing

@testable import HDFSSink

@Suite struct JSONLinesFileTests {
    let files = MemoryFileSystem()

    /// A file, and how often the storage was written to so far.
    private func open() async throws -> (file: any RecordFile, writes: () -> Int) {
        let writes = Writes()
        let watched = FaultyFileSystem(files) { operation in
            if operation.kind == .write { writes.count.withLock { $0 += 1 } }
            return nil
        }
        let writer = try await watched.create(StoragePath("data"))
        return (RecordFormat.json.file(writer), { writes.count.withLock { $0 } })
    }

    private final class Writes: Sendable {
        let count = Mutex(0)
    }

    /// A batch of lines of `length` bytes each, line feed included; those at `nulls` have no value.
    private func batch(_ count: Int, length: Int, nulls: Set<Int> = []) -> SinkRecords {
        SinkHarness.batch(
            from: 0,
            (0..<count).map { index in
                let digit = String(index % 10)
                let value = nulls.contains(index) ? nil : String(repeating: digit, count: length - 1)
                return (SinkHarness.start, value)
            }
        )
    }

    private func text(_ records: SinkRecords, _ run: Range<Int>) -> String {
        run.compactMap { records.value(at: $0).map { String(decoding: $0, as: UTF8.self) + "\n" } }.joined()
    }

    private func written() async throws -> String {
        String(decoding: try await files.read(StoragePath("data"), bytesMax: 1 << 20), as: UTF8.self)
    }

    @Test func smallRunsAreGathered() async throws {
        let records = batch(30, length: 10)
        var (file, writes) = try await open()
        for index in 0..<9 { try await file.append(records, index..<index + 1, holding: 100) }
        #expect(writes() == 0 && file.bytes == 90)
        try await file.append(records, 9..<10, holding: 100)
        #expect(writes() == 1, "with this run it would hold all that it may")
        #expect(try await written() == text(records, 0..<9))
        try await file.writeOut()
        #expect(file.memoryBytes == 0)
        let contents = try await file.close()
        #expect(contents.rows == 10 && contents.bytes == 100)
        #expect(try await written() == text(records, 0..<10))
    }

    /// A contiguous run of the bound or more goes from the batch to the storage, behind what was gathered before.
    @Test func largeRunIsWrittenWithoutACopy() async throws {
        let records = batch(30, length: 10)
        var (file, writes) = try await open()
        try await file.append(records, 0..<2, holding: 100)
        try await file.append(records, 2..<30, holding: 100)
        #expect(writes() == 2)
        #expect(file.memoryBytes < 100, "the large run was not gathered")
        #expect(try await written() == text(records, 0..<30))
        var checksum = CRC32C()
        checksum.update(Array(text(records, 0..<30).utf8))
        #expect(try await file.close() == RecordFileContents(rows: 30, bytes: 300, crc32c: checksum.digits))
        #expect(writes() == 2)
    }

    @Test func recordsWithoutAValueHaveNoLine() async throws {
        let records = batch(30, length: 10, nulls: [0, 7, 8, 29])
        var file = try await open().file
        try await file.append(records, 0..<30, holding: 1_000)
        let contents = try await file.close()
        #expect(contents.rows == 26 && contents.bytes == 260)
        #expect(try await written() == text(records, 0..<30))
    }

    /// Records that a filter removed leave gaps between the lines of a batch.
    @Test(arguments: [1, 30, 50, 1_000])
    func gapsBetweenLinesAreLeftOut(bytesMax: Int) async throws {
        var records = batch(40, length: 10)
        records.removeRecords(at: [3, 4, 20], .filtered)
        var file = try await open().file
        try await file.append(records, 0..<records.count, holding: bytesMax)
        #expect(file.memoryBytes <= bytesMax * 2 + 64)
        let contents = try await file.close()
        #expect(contents.rows == 37 && contents.bytes == 370)
        #expect(try await written() == text(records, 0..<records.count))
    }
}
