import NIOCore

@testable import KafkaProtocol

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
