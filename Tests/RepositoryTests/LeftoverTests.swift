import Foundation
import Testing

/// Nothing is left lying about: no reminders, no calls that end the program, no blobs, no build products.
@Suite struct LeftoverTests {
    /// A call that the product must not make, and why.
    struct Ban: Sendable, CustomStringConvertible {
        let pattern: String
        let reason: String
        /// Paths that may, by their beginning.
        var except: [String] = []

        var description: String { pattern }
    }

    static let bans = [
        Ban(pattern: #"\b(TODO|FIXME|XXX|HACK)\b"#, reason: "an issue is the place for it"),
        Ban(pattern: #"\btry!"#, reason: "handle the error"),
        Ban(pattern: #"\bfatalError\("#, reason: "throw, or preconditionFailure naming state and event"),
        Ban(
            pattern: #"(^|[^.\w])print\("#,
            reason: "libraries log, commands write through the console"
        ),
        Ban(pattern: #"Thread\.sleep|\busleep\(|(^|[^.\w])sleep\(\d"#, reason: "wait on an event"),
        Ban(
            pattern: #"(^|[^\w.])Date\(\)"#,
            reason: "time is passed in",
            except: ["Sources/hera/", "Sources/Pipeline/"]
        ),
    ]

    @Test(arguments: bans)
    func bannedIsNotThere(ban: Ban) throws {
        let expression = try Regex(ban.pattern)
        for file in Repository.sources where !ban.except.contains(where: file.path.hasPrefix) {
            for (number, line) in file.lines.enumerated() where line.firstMatch(of: expression) != nil {
                let code = line.drop(while: { $0 == " " })
                if code.hasPrefix("//"), !ban.pattern.contains("TODO") { continue }
                Issue.record("\(file.path):\(number + 1): \(code) — \(ban.reason)")
            }
        }
    }

    @Test(arguments: Repository.sources)
    func uncheckedSendabilityHasAReason(file: Repository.File) {
        for (number, line) in file.lines.enumerated()
        where line.contains("@unchecked Sendable") && !line.drop(while: { $0 == " " }).hasPrefix("//") {
            let before = number > 0 ? file.lines[number - 1] : ""
            #expect(
                line.contains("//") || before.contains("//"),
                "\(file.path):\(number + 1): say beside it why this is safe"
            )
        }
    }

    @Test(arguments: Repository.tests)
    func testsAreNotSkippedAndDoNotSleep(file: Repository.File) {
        // This file names what it bans.
        if file.path.hasSuffix("LeftoverTests.swift") { return }
        for (number, line) in file.lines.enumerated() {
            for banned in [".disabled(", "withKnownIssue", "Task.sleep", "Thread.sleep", "usleep(", " sleep("]
            // A clock for tests has a `sleep` of its own, which does not wait.
            where line.contains(banned) && !line.contains("func sleep(until") {
                Issue.record("\(file.path):\(number + 1): \(banned) — wait on events, skip nothing")
            }
        }
    }

    @Test func noPlaceholderIsLeft() {
        #expect(Repository.paths(under: ".").filter { $0.hasSuffix("Placeholder.swift") } == [])
    }

    @Test func noFileIsLarge() throws {
        let mebibyte = 1_048_576
        for path in Repository.paths(under: ".") {
            let whole = Repository.root.appendingPathComponent(path).path
            let size = try FileManager.default.attributesOfItem(atPath: whole)[.size] as? Int ?? 0
            #expect(size <= mebibyte, "\(path) has \(size) bytes: generate it")
        }
    }
}
