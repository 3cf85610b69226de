import Foundation
import Testing

/// What the pages say exists: files they link to, scripts and commands they tell a reader to run.
@Suite struct DocumentTests {
    @Test(arguments: [
        "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "docs/ARCHITECTURE.md", "docs/OPERATIONS.md",
        "docs/FILES.md", "docs/KAFKA.md",
    ])
    func pageExists(path: String) {
        #expect(Repository.file(at: path) != nil)
    }

    @Test(arguments: Repository.pages)
    func linksLead(page: Repository.File) {
        let folder = Repository.root.appendingPathComponent(page.path).deletingLastPathComponent()
        for match in page.text.matches(of: /\]\(([^)#\s]+)(?:#[^)]*)?\)/) {
            let target = String(match.1)
            if target.contains("://") || target.hasPrefix("mailto:") { continue }
            let path = folder.appendingPathComponent(target).standardizedFileURL.path
            #expect(FileManager.default.fileExists(atPath: path), "\(page.path) links to \(target)")
        }
    }

    @Test(arguments: Repository.pages)
    func scriptsExist(page: Repository.File) {
        for match in page.text.matches(of: /\bscript\/([a-z]+)\b/) {
            let path = Repository.root.appendingPathComponent("script/\(match.1)").path
            #expect(FileManager.default.isExecutableFile(atPath: path), "\(page.path) names script/\(match.1)")
        }
    }

    /// The commands that `Sources/hera` declares, by the names that a user types.
    static let commands: Set<String> = {
        let names = Repository.sources.filter { $0.path.hasPrefix("Sources/hera/") }
            .flatMap { $0.text.matches(of: /commandName: "([a-z]+)"/).map { String($0.1) } }
        return Set(names)
    }()

    @Test(arguments: Repository.pages)
    func commandsExist(page: Repository.File) {
        for line in Self.code(of: page) {
            guard let match = line.firstMatch(of: /(?:^|[ \/])hera ([a-z]+)(?: ([a-z]+))?/) else { continue }
            #expect(Self.commands.contains(String(match.1)), "\(page.path): \(line)")
            if ["topics", "groups"].contains(match.1), let verb = match.2 {
                #expect(Self.commands.contains(String(verb)), "\(page.path): \(line)")
            }
        }
    }

    /// Keys of the configuration are named as they are.
    @Test(arguments: Repository.pages)
    func settingsExist(page: Repository.File) throws {
        let settings = try #require(Repository.file(at: "Sources/Pipeline/Configuration/Setting.swift"))
        let keys = Set(settings.text.matches(of: /key: "([a-z.-]+)"/).map { String($0.1) })
        #expect(keys.count > 15)
        let decisions = page.path.hasPrefix("docs/decisions/")
        let named = /`((?:ingestor|metrics|sink|source|analyzer|storage)\.[a-z-]+)`/
        for match in page.text.matches(of: named) where !decisions {
            #expect(keys.contains(String(match.1)), "\(page.path) names the setting \(match.1)")
        }
    }

    @Test func commandsAreFound() {
        #expect(
            Self.commands.isSuperset(of: ["hera", "up", "demo", "source", "ingestor", "topics", "audit", "analyze"])
        )
    }

    /// Lines that a reader would run: those of fenced blocks for a shell.
    private static func code(of page: Repository.File) -> [Substring] {
        var isCode = false
        return page.lines.filter { line in
            if line.hasPrefix("```") {
                isCode = !isCode && (line == "```sh" || line == "```bash")
                return false
            }
            return isCode
        }
    }
}
