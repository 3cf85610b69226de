import Community
import KafkaClient

/// Records of one size, made beforehand and sent again and again: what is measured is the sending.
///
/// Their text is that of the community's events, one after the other and cut into pieces, so that it compresses as they
/// do. It repeats itself after more bytes than any codec looks back.
struct PerformanceLoad: Sendable {
    /// Handed to a producer one after the other.
    let batches: [OutgoingBatch]

    init(topic: String, recordBytes: Int, seed: UInt64) {
        typealias Limits = PerformanceLimits
        let handed = min(Limits.batchRecordsMax, max(1, Limits.handedBytesMax / recordBytes))
        let batchBytes = handed * recordBytes
        let count = max(1, min(Limits.loadBytes / batchBytes, Limits.loadRecordsMax / handed))
        let text = Self.text(count: count * batchBytes, seed: seed)
        batches = (0..<count).map { number in
            var batch = OutgoingBatch(topic: topic, records: handed, byteCount: batchBytes)
            for record in 0..<handed {
                let start = number * batchBytes + record * recordBytes
                batch.append(key: [UInt8]?.none, value: text[start..<start + recordBytes])
            }
            return batch
        }
    }

    private static func text(count: Int, seed: UInt64) -> [UInt8] {
        var generator = CommunityGenerator(CommunityConfiguration(seed: seed, initialSize: 1_000))
        let encoder = EventEncoder()
        var text: [UInt8] = []
        text.reserveCapacity(count + 1_024)
        var key: [UInt8] = []
        while text.count < count {
            let event = generator.next()
            key.removeAll(keepingCapacity: true)
            encoder.appendKey(of: event, to: &key)
            _ = encoder.appendValue(of: event, key: key, to: &text)
        }
        return text
    }
}
