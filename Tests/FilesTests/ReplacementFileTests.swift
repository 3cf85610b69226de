import Checksums
import Files
import PipelineTesting
import SystemPackage
import Testing

@Suite struct ReplacementFileTests {
    private let scratch = ScratchDirectory()
    private var path: FilePath { scratch.path.appending("file") }

    private func names() throws -> [String] { try Disk().names(in: scratch.path) }

    @Test func theOldFileStaysUntilTheNewOneTakesItsPlace() throws {
        let disk = Disk()
        try disk.replace(path, with: [1])
        let file = try ReplacementFile(path)
        try file.append(([2, 3] as [UInt8]).span.bytes)
        try file.append(([4] as [UInt8]).span.bytes)
        #expect(try disk.contents(of: path) == [1])
        try file.replace()
        #expect(try disk.contents(of: path) == [2, 3, 4])
        #expect(try names() == ["file"])
    }

    @Test func oneThatIsGivenUpIsRemoved() throws {
        try Disk().replace(path, with: [1])
        do {
            let file = try ReplacementFile(path, temporary: scratch.path.appending(".hidden"))
            try file.append(([2] as [UInt8]).span.bytes)
            let staged = try withExtendedLifetime(file) { try names() }
            #expect(staged == [".hidden", "file"])
        }
        #expect(try names() == ["file"])
        #expect(try Disk().contents(of: path) == [1])
    }

    /// The order of the calls is what makes it survive a power cut: bytes, name, directory.
    @Test func bytesAreOnTheDeviceBeforeTheName() throws {
        for count in [0, 1, 100_000] {
            try withSeed(UInt64(count)) { random in
                let disk = try PowerLoss(below: scratch.path)
                try Disk(calls: disk.calls).replace(path, with: Array(repeating: 7, count: count))
                for cut in 0...disk.operationCount {
                    let left = ScratchDirectory()
                    let target = left.path.appending("device")
                    try disk.materialize(in: target, after: cut, using: &random)
                    let found = try Disk().contents(of: target.appending("file"))
                    #expect(found == nil || found?.count == count && found?.allSatisfy { $0 == 7 } == true)
                    if cut == disk.operationCount { #expect(found != nil, "it is durable when the call returns") }
                }
                try Disk().remove(path)
            }
        }
    }

    @Test func aHeadHasTheChecksumOfTheRest() throws {
        var file = try ChecksummedFile(path, headBytes: 8, checksum: CRC32C())
        let body = [UInt8](repeating: 9, count: 200_000)
        try file.append(body)
        try file.append([1])
        try file.finish { Array($0.digits.utf8) }
        let bytes = try #require(try Disk().contents(of: path))
        let expected = CRC32C.checksum(of: (body + [1]).span.bytes)
        #expect(UInt32(String(decoding: bytes.prefix(8), as: UTF8.self), radix: 16) == expected)
        #expect(Array(bytes.dropFirst(8)) == body + [1])
    }
}
