import CRdKafka
import PlainText

/// librdkafka's properties for one client: defaults, those of the configuration, and those that only this client sets.
struct ClientProperties {
    private var values: [String: String]
    private let reserved: [String: String]

    /// - Parameters:
    ///   - configuration: where the cluster is; its `properties` win over `defaults`.
    ///   - defaults: properties this client sets unless told otherwise.
    ///   - fixed: properties this client depends on; the configuration may not set them.
    init(
        _ configuration: ClientConfiguration,
        defaults: [String: String],
        fixed: [String: String]
    ) throws(KafkaClientError) {
        guard !configuration.bootstrap.isEmpty || configuration.properties["test.mock.num.brokers"] != nil else {
            throw KafkaClientError(
                .badConfiguration,
                "cannot make a Kafka client: no bootstrap address is given; give at least one HOST:PORT"
            )
        }
        reserved = fixed.merging(Self.set(from: configuration)) { ours, _ in ours }
        for name in configuration.properties.keys.sorted() where reserved[name] != nil {
            throw KafkaClientError(
                .badConfiguration,
                "cannot set the librdkafka property '\(name)': this client sets it itself; take it out of the properties"
            )
        }
        let common = ["socket.connection.setup.timeout.ms": String(Limits.connectionTimeoutMilliseconds)]
        values = common.merging(defaults) { _, special in special }
            .merging(configuration.properties) { _, theirs in theirs }
    }

    private static func set(from configuration: ClientConfiguration) -> [String: String] {
        var properties = [
            "bootstrap.servers": configuration.bootstrap.joined(separator: ","),
            "client.id": configuration.clientID,
            // Log lines come as events, not to standard error.
            "log.queue": "true",
        ]
        if configuration.bootstrap.isEmpty { properties["bootstrap.servers"] = nil }
        return properties
    }

    /// A new configuration object of librdkafka with all of it, owned by the caller.
    func makeConfiguration(events: Int32) throws(KafkaClientError) -> OpaquePointer {
        guard let object = rd_kafka_conf_new() else {
            throw KafkaClientError(.refused, "cannot make a Kafka client: librdkafka has no memory left")
        }
        do {
            for (name, value) in values.merging(reserved, uniquingKeysWith: { _, ours in ours }).sorted(by: <) {
                try Self.set(name, value, on: object)
            }
        } catch {
            rd_kafka_conf_destroy(object)
            throw error
        }
        rd_kafka_conf_set_events(object, events)
        return object
    }

    private static func set(_ name: String, _ value: String, on object: OpaquePointer) throws(KafkaClientError) {
        var text = [CChar](repeating: 0, count: Limits.errorTextBytes)
        switch rd_kafka_conf_set(object, name, value, &text, text.count) {
        case RD_KAFKA_CONF_OK: return
        case RD_KAFKA_CONF_UNKNOWN:
            let near = PropertyNames.nearest(to: name, in: object).map { ", did you mean '\($0)'?" } ?? ""
            throw KafkaClientError(
                .badConfiguration,
                "unknown librdkafka property '\(name)'\(near) (librdkafka \(String(cString: rd_kafka_version_str())))"
            )
        default:
            // librdkafka's text repeats the value: never for a secret.
            let reason = SecretProperties.contains(name) ? "librdkafka refuses it" : String(rdkafkaText: text)
            let shown = SecretProperties.contains(name) ? SecretProperties.mask : value
            throw KafkaClientError(
                .badConfiguration,
                "bad value '\(shown)' of the librdkafka property '\(name)': \(reason); correct it or take it out"
            )
        }
    }
}

extension String {
    /// A text that librdkafka wrote into a buffer, up to its terminating zero.
    init(rdkafkaText text: [CChar]) {
        self = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

/// The names of librdkafka's properties, to suggest the one that was meant.
private enum PropertyNames {
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
