import Testing

/// A file holds one idea, a function fits a screen.
@Suite struct LengthTests {
    static let linesOfFileMax = 600
    static let linesOfFunctionMax = 70

    @Test func repositoryIsRead() {
        #expect(Repository.sources.count > 10, "the other tests would pass on nothing")
        #expect(Repository.tests.count > 10)
    }

    @Test(arguments: Repository.sources + Repository.tests)
    func fileHoldsOneIdea(file: Repository.File) {
        #expect(file.lines.count <= Self.linesOfFileMax, "\(file.path) has \(file.lines.count) lines: split it")
    }

    @Test(arguments: Repository.sources + Repository.tests)
    func functionFitsAScreen(file: Repository.File) {
        for function in Self.functions(in: file) {
            #expect(
                function.length <= Self.linesOfFunctionMax,
                "\(file.path):\(function.line) has \(function.length) lines: split it"
            )
        }
    }

    @Test func longFunctionIsFound() {
        let body = Array(repeating: Substring("        work()"), count: 80)
        let file = Repository.File(path: "x", lines: ["    func long(", "    ) {"] + body + ["    }"])
        #expect(Self.functions(in: file).map(\.length) == [83])
    }

    /// Where each function starts and how long it is. The formatter keeps a declaration and its closing brace at the
    /// same indentation, so the first such brace ends it.
    static func functions(in file: Repository.File) -> [(line: Int, length: Int)] {
        let start = /^( *)(?:[@a-z()_]+ )*(?:func [^ ]|init[?]?[(<]|deinit|subscript)/
        var found: [(line: Int, length: Int)] = []
        for (index, line) in file.lines.enumerated() {
            guard let match = line.firstMatch(of: start) else { continue }
            if line.hasSuffix("}") { continue }
            let indentation = match.1
            for (end, candidate) in file.lines.enumerated().dropFirst(index + 1) {
                if candidate == indentation + "}" {
                    found.append((line: index + 1, length: end - index + 1))
                    break
                }
                // A requirement of a protocol has no body: the next line that is not deeper ends the search.
                let isDeeper = candidate.isEmpty || candidate.hasPrefix(indentation + " ")
                if !isDeeper, !candidate.hasPrefix(indentation + ")") { break }
            }
        }
        return found
    }
}
