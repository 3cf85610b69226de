import Files
import PipelineTesting
import SystemPackage
import Testing

@Suite struct StateFileTests {
    let scratch = ScratchDirectory()
    var path: FilePath { scratch.path.appending("topics.json") }
    var file: StateFile { StateFile(path, kind: "topics", version: 2, cure: "Restore it from a backup") }

    @Test func whatIsWrittenIsRead() throws {
        #expect(try file.read() == .absent)
        for payload in ["", "{}\n", "a\nb\n\0c"] {
            try file.write(Array(payload.utf8))
            #expect(try file.read() == .payload(Array(payload.utf8), version: 2))
        }
        #expect(try Disk().names(in: scratch.path) == ["topics.json"])
    }

    @Test func theFormIsTheDocumentedOne() throws {
        try file.write(Array("{}\n".utf8))
        let bytes = try #require(try Disk().contents(of: path))
        #expect(
            String(decoding: bytes, as: UTF8.self) == #"{"crc32c":"e1fdefc0","kind":"topics","version":2}"# + "\n{}\n"
        )
    }

    @Test func everyFlippedBitIsFound() throws {
        let payload = Array(#"{"topics":{"utenti":3}}"#.utf8)
        try file.write(payload)
        let whole = try #require(try Disk().contents(of: path))
        for index in whole.indices {
            for bit in 0..<8 {
                var damaged = whole
                damaged[index] ^= 1 << bit
                try Disk().replace(path, with: damaged, durably: false)
                do throws(FileError) {
                    // A damaged header counts as missing: the owner finds that this is not a file of format 1 either.
                    #expect(try file.read() == .headerless(damaged), "byte \(index), bit \(bit)")
                } catch {
                    #expect(error.code == .damaged)
                    #expect("\(error)".hasSuffix("Restore it from a backup"))
                }
            }
        }
        for count in 0..<whole.count {
            try Disk().replace(path, with: Array(whole[..<count]), durably: false)
            do throws(FileError) {
                #expect(try file.read() == .headerless(Array(whole[..<count])), "\(count) bytes")
            } catch {
                #expect(error.code == .damaged)
            }
        }
    }

    @Test func aNewerVersionIsRefused() throws {
        try StateFile(path, kind: "topics", version: 3, cure: "").write([])
        let error = #expect(throws: FileError.self) { try file.read() }
        #expect(error?.code == .unknownFormat)
        #expect("\(try #require(error))".contains("newer hera"))
    }

    @Test func aFileOfAnotherKindIsRefused() throws {
        try StateFile(path, kind: "checkpoint", version: 2, cure: "").write([])
        #expect(throws: FileError.self) { try file.read() }
    }

    @Test func aFileWithoutAHeaderIsItsOwners() throws {
        let old = Array(#"{"format":1}"#.utf8)
        try Disk().replace(path, with: old)
        #expect(try file.read() == .headerless(old))
    }

    /// At every moment of many replacements the device has one of the files that were written, and once a write has
    /// returned that one or a later one.
    @Test(arguments: Seeds.chosen(Array(1...40)))
    func aPowerCutLeavesTheOldFileOrTheNewOne(seed: UInt64) throws {
        try withSeed(seed) { generator in
            let disk = try PowerLoss(below: scratch.path)
            let file = StateFile(path, kind: "topics", version: 2, cure: "", disk: Disk(calls: disk.calls))
            var ends: [Int] = []
            for number in UInt8(0)..<5 {
                try file.write(Array(repeating: number, count: 100))
                ends.append(disk.operationCount)
            }
            for cut in 0...disk.operationCount {
                let after = scratch.path.appending("after-\(cut)")
                try disk.materialize(in: after, after: cut, using: &generator)
                let written = ends.filter { $0 <= cut }.count
                switch try StateFile(after.appending("topics.json"), kind: "topics", version: 2, cure: "").read() {
                case .absent: #expect(written == 0, "cut \(cut)")
                case .payload(let bytes, _):
                    #expect([written - 1, written].contains(Int(try #require(bytes.first))), "cut \(cut)")
                case .headerless: Issue.record("cut \(cut): a torn file")
                }
            }
        }
    }
}
