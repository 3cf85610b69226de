import Storage
import SystemPackage
import Testing

@Suite struct StorageLocationTests {
    @Test(arguments: [
        ("/var/lib/hera", "/var/lib/hera"), ("data/storage", "data/storage"), ("", ""),
        ("file:///var/lib/hera", "/var/lib/hera"), ("file:/var/lib/hera", "/var/lib/hera"),
        ("FILE://localhost/a%20b", "/a b"),
        // A colon alone makes no URL of a path.
        ("a:b", "a:b"), ("2021-03-24T10:59/x", "2021-03-24T10:59/x"), ("./webhdfs://x", "./webhdfs://x"),
    ])
    func directoriesOfThisMachineAreFound(text: String, path: String) throws {
        let location = try StorageLocation(text)
        #expect(location == .directory(FilePath(path)))
        #expect((try location.fileSystem() as? LocalFileSystem)?.root == FilePath(path))
    }

    @Test(arguments: [
        ("ftp://server/HeraSDG", "no file system for 'ftp' URLs"), ("S3://bucket/key", "no file system for 's3' URLs"),
        ("file://server/share", "'server' is another machine"),
    ])
    func otherStoragesAreRefused(text: String, reason: String) {
        let error = #expect(throws: StorageError.self) { try StorageLocation(text) }
        #expect(error?.code == .unsupported)
        #expect(error?.description.contains(reason) == true)
        #expect(error?.description.contains("cannot use \(text)") == true)
        #expect(error?.description.contains("name a directory of this machine") == true)
    }

    @Test(arguments: ["file:relative", "file:", "file:///%00", "file:///%zz"])
    func fileURLsWithoutAnAbsolutePathAreRefused(text: String) {
        #expect(throws: StorageError.self) { try StorageLocation(text) }
    }
}
