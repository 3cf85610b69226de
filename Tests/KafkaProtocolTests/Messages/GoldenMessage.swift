import Foundation
import NIOCore
import Testing

@testable import KafkaProtocol

/// A message as an independent implementation encodes it: a line of `Tests/Golden/kafka-messages.txt`.
struct GoldenMessage: CustomTestStringConvertible {
    let api: String
    let direction: String
    let version: Int16
    let sample: SampleCoder.Sample
    let bytes: ByteBuffer

    var testDescription: String { "\(api) \(direction) \(version) \(sample)" }

    /// All of them.
    static let all: [GoldenMessage] = {
        do {
            return try read()
        } catch {
            Issue.record(error, "Tests/Golden/kafka-messages.txt cannot be read")
            return []
        }
    }()

    private static func read() throws -> [GoldenMessage] {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let file = tests.deletingLastPathComponent().appending(path: "Golden/kafka-messages.txt")
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").filter { !$0.hasPrefix("#") }.map {
            let words = $0.split(separator: " ").map(String.init)
            try #require(words.count == 5, "not five words: \($0)")
            return GoldenMessage(
                api: words[0],
                direction: words[1],
                version: try #require(Int16(words[2])),
                sample: try #require(SampleCoder.Sample(rawValue: words[3])),
                bytes: try ByteBuffer(hexadecimal: words[4] == "-" ? "" : words[4])
            )
        }
    }
}
