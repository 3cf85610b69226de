package import ConnectAPI

/// Gives a record another topic where its own matches a regular expression from end to end: Connect's `RegexRouter`.
package struct RegexRouter: Transform {
    package static let plugin = Plugin<any Transform>(
        classNames: ["RegexRouter", "org.apache.kafka.connect.transforms.RegexRouter"],
        definitions: ConfigurationDefinitions([
            .required(
                "regex",
                .string,
                ConfigurationRule { expression(of: $0) == nil ? "is not a regular expression" : nil },
                "What a topic has to match, from its first to its last character."
            ),
            .required(
                "replacement",
                .string,
                .notEmpty,
                "The new topic; $1 or ${name} stands for a group of the regular expression, and a backslash for the "
                    + "character behind it."
            ),
        ]),
        changesTopics: true
    ) { values throws(ConfigurationError) in
        do throws(DataError) {
            return try RegexRouter(regex: values.text("regex"), replacement: values.text("replacement"))
        } catch {
            throw ConfigurationError([ConfigurationProblem(key: "replacement", message: error.message)])
        }
    }

    private let regex: Regex<AnyRegexOutput>
    private let replacement: [Piece]

    /// A piece of the replacement.
    private enum Piece {
        case text(String)
        case group(Int)
        case name(String)
    }

    /// - Throws: what is wrong with either.
    package init(regex: String, replacement: String) throws(DataError) {
        guard let compiled = Self.expression(of: regex) else {
            throw DataError("'\(regex)' is not a regular expression")
        }
        self.regex = compiled
        // It matches the empty text whatever `regex` is, and so shows the groups.
        let groups = Self.expression(of: "(?:\(regex)\n)|").flatMap { try? $0.wholeMatch(in: "") }?.output
        self.replacement = try Self.pieces(
            replacement,
            groups: groups.map { $0.count - 1 } ?? 0,
            names: groups.map { $0.compactMap(\.name) } ?? []
        )
    }

    private static func expression(of text: String) -> Regex<AnyRegexOutput>? {
        try? Regex(text).matchingSemantics(.unicodeScalar)
    }

    package func apply(to records: inout SinkRecords, _ selection: RecordSelection) -> [RecordFailure] {
        // A batch has few topics.
        var routes: [String: String] = [:]
        return records.update(selection) { record throws(DataError) in
            let route = routes[record.topic] ?? route(from: record.topic)
            routes[record.topic] = route
            record.topic = route
        }
    }

    private func route(from topic: String) -> String {
        guard let match = try? regex.wholeMatch(in: topic) else { return topic }
        return replacement.map { piece in
            switch piece {
            case .text(let text): text
            case .group(let number): String(match.output[number].substring ?? "")
            case .name(let name): String(match.output.first { $0.name == name }?.substring ?? "")
            }
        }.joined()
    }

    /// The pieces of `replacement`, by the rules of Java's `Matcher.replaceFirst`.
    private static func pieces(_ replacement: String, groups: Int, names: [String]) throws(DataError) -> [Piece] {
        var pieces: [Piece] = []
        var rest = Substring(replacement)
        while let first = rest.popFirst() {
            switch first {
            case "\\":
                guard let literal = rest.popFirst() else { throw DataError("'\(replacement)' ends with a backslash") }
                pieces.append(.text(String(literal)))
            case "$" where rest.first == "{":
                guard let end = rest.firstIndex(of: "}") else {
                    throw DataError("'\(replacement)' has a '${' without a '}'")
                }
                let name = String(rest[rest.index(after: rest.startIndex)..<end])
                guard names.contains(name) else {
                    throw DataError("'\(replacement)' names the group '\(name)', which regex does not have")
                }
                rest = rest[rest.index(after: end)...]
                pieces.append(.name(name))
            case "$":
                pieces.append(.group(try group(&rest, groups, of: replacement)))
            default:
                pieces.append(.text(String(first)))
            }
        }
        return pieces
    }

    /// The number at the beginning of `rest`: as many digits as make a group that there is, and at least one.
    private static func group(
        _ rest: inout Substring,
        _ groups: Int,
        of replacement: String
    ) throws(DataError) -> Int {
        func digit() -> Int? { rest.first.flatMap { $0.isASCII ? $0.wholeNumberValue : nil } }
        guard var number = digit() else {
            throw DataError("'\(replacement)' has a '$' without a group; write \\$ for the character")
        }
        guard number <= groups else {
            throw DataError("'\(replacement)' names group \(number), and regex has \(groups)")
        }
        rest = rest.dropFirst()
        while let next = digit(), number * 10 + next <= groups {
            number = number * 10 + next
            rest = rest.dropFirst()
        }
        return number
    }
}
