import PipelineTesting
import Storage
import Testing

@testable import Pipeline

@Suite(.timeLimit(.minutes(5))) struct ZoneClearingTests {
    private let storage = MemoryFileSystem()

    private func write(_ paths: String...) async throws {
        for path in paths { try await storage.write([1, 2, 3], to: StoragePath(path)) }
    }

    @Test func everythingBelowGoesAndNothingBeside() async throws {
        try await write("zone/a/1", "zone/a/b/2", "zone/_hidden/3", "zoned/4")
        let clearing = ZoneClearing(storage: storage)
        #expect(try await clearing.content(of: StoragePath("zone")) == .init(files: 3, bytes: 9))
        #expect(try await clearing.clear(StoragePath("zone")))
        #expect(try await storage.status(of: StoragePath("zone")) == nil)
        #expect(try await storage.status(of: StoragePath("zoned/4")) != nil)
    }

    @Test func whatIsKeptStaysWithItsDirectories() async throws {
        try await write("zone/a/keep", "zone/a/go", "zone/b/go")
        #expect(try await !ZoneClearing(storage: storage).clear(StoragePath("zone")) { $0.name == "keep" })
        #expect(try await storage.files(under: StoragePath("zone")).map(\.path.string) == ["zone/a/keep"])
        #expect(try await storage.status(of: StoragePath("zone/b")) == nil)
    }

    @Test func aDirectoryThatIsNotThereIsGone() async throws {
        #expect(try await ZoneClearing(storage: storage).clear(StoragePath("zone")))
    }

    /// Somebody writes to the directory as fast as it is emptied, names that a listing has passed already: the work ends
    /// all the same.
    @Test func itEndsWhereOthersWriteOn() async throws {
        try await write("zone/9000")
        let base = storage
        let busy = FaultyFileSystem(base) { operation in
            guard operation.kind == .delete, let number = Int(operation.path.name) else { return nil }
            try? await base.write([1], to: StoragePath("zone/\(number - 1)"))
            return nil
        }
        #expect(try await !ZoneClearing(storage: busy).clear(StoragePath("zone")))
        #expect(busy.operations < 1_000)
    }
}
