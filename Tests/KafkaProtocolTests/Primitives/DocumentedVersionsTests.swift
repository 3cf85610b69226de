import Foundation
import KafkaProtocol
import Testing

/// The table in docs/KAFKA.md has every call and version that is served, and no other.
@Suite struct DocumentedVersionsTests {
    @Test func everyCallIsInTheTable() throws {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let root = tests.deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(contentsOf: root.appending(path: "docs/KAFKA.md"), encoding: .utf8)
        let rows = page.matches(of: /\n\| [A-Za-z]+ \| (\d+) \| ([0-9–]+) \|/).map { "\($0.1): \($0.2)" }
        let served = SupportedAPI.all.map { api in
            let (first, last) = (api.versions.lowerBound, api.versions.upperBound)
            return "\(api.key.rawValue): " + (first == last ? "\(first)" : "\(first)–\(last)")
        }
        #expect(rows == served)
    }
}
