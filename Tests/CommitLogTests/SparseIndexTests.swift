import Files
import PipelineTesting
import SystemPackage
import Testing

@testable import CommitLog

@Suite struct SparseIndexTests {
    private let scratch = ScratchDirectory()

    /// Entries 10, 20, 30 …, so that there are numbers between them.
    private func entries(_ count: Int) -> [OffsetIndexEntry] {
        (0..<count).map { OffsetIndexEntry(relativeOffset: UInt32(10 * ($0 + 1)), position: UInt32(100 * $0)) }
    }

    /// In memory, and in its file.
    private func indexes(_ count: Int) throws -> [SparseIndex<OffsetIndexEntry>] {
        let inMemory = SparseIndex.memory(entries(count))
        return [inMemory, try inMemory.saved(to: scratch.path.appending("index"), durably: false, disk: Disk())]
    }

    @Test(arguments: [0, 1, 2, 1_023, 1_024, 1_025, 5_000])
    func aSearchFindsTheLastEntryBefore(count: Int) throws {
        for index in try indexes(count) {
            for wanted in [0, 9, 10, 11, 10_235, 10_240, 10_245, 10 * count - 1, 10 * count, 10 * count + 1] {
                let expected = entries(count).last { $0.relativeOffset <= wanted }
                #expect(try index.last { $0.relativeOffset <= wanted } == expected)
            }
        }
    }

    @Test func searchesOneAfterTheOtherFindTheSameAsEachAlone() throws {
        let count = 12_000
        for index in try indexes(count) {
            var lookup = try index.lookup()
            // Near the one before, far ahead, back again, and beyond both ends.
            for wanted in [40_000, 40_001, 42_900, 119_999, 120_000, 130_000, 7, 0, 55_005, 54_000, 66_000, 12_345] {
                let expected = entries(count).last { $0.relativeOffset <= wanted }
                #expect(try lookup.last { $0.relativeOffset <= wanted } == expected)
            }
        }
    }

    @Test func anIndexThatBecameShorterIsDamaged() throws {
        let index = try indexes(1_000)[1]
        try Disk().open(scratch.path.appending("index"), .readWrite).truncate(to: 900 * OffsetIndexEntry.byteCount)
        let error = try #require(throws: FileError.self) { try index.last { $0.relativeOffset <= 9_500 } }
        #expect(error.code == .damaged)
    }
}
