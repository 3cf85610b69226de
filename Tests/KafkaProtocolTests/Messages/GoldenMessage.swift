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

/// Fills a message's fields with known values, in the order of the wire. `Tests/Golden/encode-messages.py` fills an
/// independent implementation's messages in the same way; the rules are written there.
struct SampleCoder: WireCoder {
    typealias Failure = Never

    enum Sample: String, CaseIterable {
        case full, nulls, empty
    }

    let version: Int16
    let isFlexible = false
    let sample: Sample
    private var count = 0

    init(version: Int16, sample: Sample) {
        self.version = version
        self.sample = sample
    }

    private mutating func next() -> Int {
        count += 1
        return count
    }

    private mutating func text(_ prefix: String) -> String {
        let number = next()
        return sample == .empty ? "" : "\(prefix)\(number)"
    }

    private mutating func elements<Element: WireFields>() -> [Element] {
        let elementCount = [Sample.full: 2, .nulls: 1, .empty: 0][sample, default: 0]
        return (0..<elementCount).map { _ in
            var element = Element()
            element.code(&self)
            return element
        }
    }

    mutating func int8(_ value: inout Int8) { value = Int8(next() % 100) }
    mutating func int16(_ value: inout Int16) { value = Int16(next()) }
    mutating func int32(_ value: inout Int32) { value = Int32(next()) }
    mutating func int64(_ value: inout Int64) { value = Int64(next()) }
    mutating func bool(_ value: inout Bool) { value = next() > 0 }
    mutating func string(_ value: inout String) { value = text("s") }
    mutating func nullableString(_ value: inout String?) { value = sample == .nulls ? nil : text("s") }
    mutating func bytes(_ value: inout ByteBuffer) { value = ByteBuffer(string: text("b")) }
    mutating func nullableBytes(_ value: inout ByteBuffer?) {
        value = sample == .nulls ? nil : ByteBuffer(string: text("b"))
    }
    mutating func records(_ value: inout FetchedRecords) {
        value = sample == .nulls ? .none : .bytes(ByteBuffer(string: text("b")))
    }
    mutating func array<Element: WireFields>(_ value: inout [Element]) { value = elements() }
    mutating func nullableArray<Element: WireFields>(_ value: inout [Element]?) {
        value = sample == .nulls ? nil : elements()
    }
    mutating func nullable<Fields: WireFields>(_ value: inout Fields?) {
        var fields = Fields()
        if sample != .nulls { fields.code(&self) }
        value = sample == .nulls ? nil : fields
    }
    mutating func uuid(_ value: inout KafkaUUID) {
        value = KafkaUUID(mostSignificant: 0, leastSignificant: UInt64(next()))
    }
    mutating func taggedFields() {}
    mutating func taggedFields<Fields: TaggedFields>(_ fields: inout Fields) {}
    mutating func errorCode(_ value: inout ErrorCode) {
        _ = next()
        value = .unknownTopicOrPartition
    }
}
