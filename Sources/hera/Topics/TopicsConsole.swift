import ArgumentParser
import Foundation
import KafkaClient
import Logging

/// What `hera topics` shows and asks.
struct TopicsConsole: Sendable {
    /// Warnings of libraries, on standard error.
    var logger: Logger {
        var logger = Logger(label: "hera.topics") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .warning
        return logger
    }

    /// One line for a person.
    func say(_ text: String) { print(text) }

    func show(json value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        print(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    func show(_ topics: [TopicSummary]) {
        guard !topics.isEmpty else { return print("no topics") }
        show(
            TextTable(
                ["topic", "partitions", "records"],
                topics.map { [$0.name, "\($0.partitions)", "\($0.records)"] }
            )
        )
    }

    func show(_ topic: TopicDetails) {
        print("topic \(topic.name)\n")
        show(
            TextTable(
                ["partition", "log start", "end", "records", "leader", "replicas", "in sync"],
                topic.partitions.map { each in
                    [
                        "\(each.partition)", number(each.logStartOffset), number(each.endOffset), number(each.records),
                        number(each.leader), list(each.replicas), list(each.inSyncReplicas),
                    ]
                }
            )
        )
        guard !topic.settings.isEmpty else { return }
        print("")
        show(
            TextTable(
                ["setting", "value", "set by"],
                topic.settings.map { [$0.name, $0.value ?? "(hidden)", $0.isDefault ? "default" : "topic"] },
                alignsNumbers: false
            )
        )
    }

    private func show(_ table: TextTable) {
        for line in table.lines { print(line) }
    }

    private func number(_ value: (some BinaryInteger)?) -> String { value.map { "\($0)" } ?? "–" }
    private func list(_ values: [Int32]) -> String { values.map(String.init).joined(separator: ",") }

    /// Whether the person says yes. Where nobody can be asked, it is an error that names the flag.
    func confirms(_ question: String, otherwise flag: String) throws -> Bool {
        guard isatty(STDIN_FILENO) == 1 else {
            throw ValidationError("Nobody is there to be asked; say \(flag) if you mean it.")
        }
        print("\(question) [y/N] ", terminator: "")
        return ["y", "yes"].contains(readLine()?.lowercased())
    }

    /// Whole lines on standard output, at once.
    ///
    /// - Throws: `BrokenPipe` where nobody reads any more.
    func write(_ lines: [UInt8]) throws {
        try lines.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let written = Foundation.write(
                    STDOUT_FILENO,
                    UnsafeRawBufferPointer(rebasing: rest).baseAddress,
                    rest.count
                )
                if written >= 0 {
                    rest = rest.dropFirst(written)
                } else if errno == EPIPE {
                    throw BrokenPipe()
                } else if errno != EINTR {
                    throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
                }
            }
        }
    }
}
