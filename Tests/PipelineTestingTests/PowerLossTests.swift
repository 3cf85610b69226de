import Files
import PipelineTesting
import SystemPackage
import Testing

@Suite struct PowerLossTests {
    let scratch = ScratchDirectory()
    var root: FilePath { scratch.path.appending("root") }

    /// What may be left after a cut behind everything, over many seeds.
    private func outcomes(_ disk: PowerLoss, after count: Int? = nil) throws -> [[String: [UInt8]]] {
        try (UInt64(0)..<60).map { seed in
            var generator = SeededGenerator(seed: seed)
            return try withTemporaryDirectory { target in
                try disk.materialize(in: target, after: count ?? disk.operationCount, using: &generator)
                var files: [String: [UInt8]] = [:]
                for name in try Disk().names(in: target) {
                    let path = target.appending(name)
                    files[name] = Disk().isDirectory(path) ? [] : try Disk().contents(of: path)
                }
                return files
            }
        }
    }

    @Test func whatWasForcedIsAlwaysThere() throws {
        try Disk().makeDirectory(root)
        let disk = try PowerLoss(below: root)
        let calls = Disk(calls: disk.calls)
        let file = try calls.open(root.appending("file"), .writeOnly, options: .create)
        try file.write(([1, 2, 3] as [UInt8]).span.bytes, at: 0)
        try file.synchronize()
        try calls.synchronizeDirectory(root)
        #expect(try outcomes(disk).allSatisfy { $0 == ["file": [1, 2, 3]] })
    }

    @Test func whatWasNotForcedMayBeGoneTornOrZero() throws {
        try Disk().makeDirectory(root)
        try Disk().replace(root.appending("file"), with: [1])
        let disk = try PowerLoss(below: root)
        let file = try Disk(calls: disk.calls).open(root.appending("file"), .writeOnly)
        try file.write(([2, 3] as [UInt8]).span.bytes, at: 1)
        try file.write(([4] as [UInt8]).span.bytes, at: 3)
        let found = Set(try outcomes(disk).compactMap { $0["file"] })
        for expected: [UInt8] in [[1], [1, 2], [1, 2, 3], [1, 2, 3, 4], [1, 0, 0, 4], [1, 0, 0, 0]] {
            #expect(found.contains(expected), "\(expected)")
        }
        #expect(found.allSatisfy { $0.first == 1 })
    }

    @Test func aNameThatWasNotForcedMayBeGone() throws {
        try Disk().makeDirectory(root)
        let disk = try PowerLoss(below: root)
        let calls = Disk(calls: disk.calls)
        try calls.open(root.appending("a"), .writeOnly, options: .create).synchronize()
        try calls.rename(root.appending("a"), to: root.appending("b"))
        let found = Set(try outcomes(disk).map { $0.keys.sorted() })
        #expect(found == [[], ["a"], ["b"]])
    }

    @Test func aRemovedNameMayStillBeThere() throws {
        try Disk().makeDirectory(root)
        try Disk().replace(root.appending("a"), with: [7])
        let disk = try PowerLoss(below: root)
        let calls = Disk(calls: disk.calls)
        try calls.remove(root.appending("a"))
        try calls.makeDirectory(root.appending("d"))
        #expect(Set(try outcomes(disk).map { $0.keys.sorted() }) == [["a"], [], ["d"]])
        try calls.synchronizeDirectory(root)
        #expect(try outcomes(disk).allSatisfy { $0.keys.sorted() == ["d"] })
        #expect(try outcomes(disk, after: 0).allSatisfy { $0 == ["a": [7]] })
    }
}
