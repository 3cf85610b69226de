import CRdKafka
import PlainText

/// The names of librdkafka's properties, to suggest the one that was meant.
enum PropertyNames {
    /// The property of `object` whose name is closest to `name`, if one is close.
    static func nearest(to name: String, in object: OpaquePointer) -> String? {
        EditDistance.nearest(to: name, among: all(in: object).sorted())
    }

    private static func all(in object: OpaquePointer) -> [String] {
        var count = 0
        guard let dump = rd_kafka_conf_dump(object, &count) else { return [] }
        defer { rd_kafka_conf_dump_free(dump, count) }
        // Names and values alternate; the values stay unread, secrets may be among them.
        return stride(from: 0, to: count, by: 2).compactMap { index in
            dump[index].map { String(cString: $0) }
        }
    }
}
