import Storage
import Testing

@Suite struct StoragePathTests {
    @Test(arguments: [
        ("//tmp/./logs/", "tmp/logs"), ("a/b", "a/b"), ("/", ""), ("", ""), ("a//b///c", "a/b/c"), ("+tmp/é", "+tmp/é"),
    ])
    func normalFormIsMade(text: String, expected: String) throws {
        #expect(try StoragePath(text).string == expected)
    }

    @Test(arguments: ["..", "a/../b", "a\0b", "../\u{301}x", "a/..//\u{301}b"])
    func waysOutAreRefused(text: String) {
        #expect { try StoragePath(text) } throws: { ($0 as? StorageError)?.code == .invalidPath }
    }

    @Test func partsAreFound() throws {
        let path = try StoragePath("a/b").appending("c/d")
        #expect(path.string == "a/b/c/d")
        #expect(path.name == "d")
        #expect(path.parent.string == "a/b/c")
        #expect(try StoragePath("a").parent == .root)
        #expect(try StoragePath.root.appending("a").string == "a")
        #expect(StoragePath.root.parent == .root)
        // The kernel knows nothing of characters: a mark that combines with the slash is part of the name behind it.
        let marked = try StoragePath("a/\u{301}b")
        #expect(marked.name.utf8.elementsEqual("\u{301}b".utf8))
        #expect(marked.parent.string == "a")
    }
}
