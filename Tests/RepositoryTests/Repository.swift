import Foundation

/// The files of this repository, as its tests read them.
enum Repository {
    /// One text file: its path from the root and its lines.
    struct File: Sendable, CustomStringConvertible {
        let path: String
        let lines: [Substring]

        var text: String { lines.joined(separator: "\n") }
        var description: String { path }
    }

    static let root: URL = {
        var folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        while !FileManager.default.fileExists(atPath: folder.appendingPathComponent("Package.swift").path) {
            precondition(folder.path != "/", "no Package.swift above \(#filePath)")
            folder.deleteLastPathComponent()
        }
        return folder
    }()

    /// Every Swift file of the product.
    static let sources = files(under: "Sources", suffix: ".swift")
    /// Every Swift file of the tests.
    static let tests = files(under: "Tests", suffix: ".swift")
    /// Every page of the documentation.
    static let pages =
        files(under: "docs", suffix: ".md")
        + ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].compactMap { file(at: $0) }

    static func file(at path: String) -> File? {
        guard let text = try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8) else { return nil }
        return File(path: path, lines: text.split(separator: "\n", omittingEmptySubsequences: false))
    }

    /// Paths from the root of all files under a folder; build products and environments are not part of it.
    static func paths(under folder: String) -> [String] {
        let start = root.appendingPathComponent(folder)
        let skipped: Set<String> = [
            ".build", ".git", ".venv", ".bench", ".swiftpm", "__pycache__", "hera-data", "hera-demo",
        ]
        guard let walk = FileManager.default.enumerator(atPath: start.path) else { return [] }
        var found: [String] = []
        while let path = walk.nextObject() as? String {
            if let name = path.split(separator: "/").last, skipped.contains(String(name)) {
                walk.skipDescendants()
                continue
            }
            var isFolder: ObjCBool = false
            let whole = start.appendingPathComponent(path).path
            if FileManager.default.fileExists(atPath: whole, isDirectory: &isFolder), !isFolder.boolValue {
                found.append(folder == "." ? path : folder + "/" + path)
            }
        }
        return found.sorted()
    }

    private static func files(under folder: String, suffix: String) -> [File] {
        paths(under: folder).filter { $0.hasSuffix(suffix) }.compactMap { file(at: $0) }
    }
}
