import CRdKafka

extension ClientConfiguration {
    /// Why a client cannot be given this property of librdkafka, in words that repeat no secret; `nil` where it can.
    package static func problem(ofProperty name: String, value: String) -> String? {
        do {
            let client = ClientConfiguration(bootstrap: ["127.0.0.1:1"], properties: [name: value])
            rd_kafka_conf_destroy(
                try ClientProperties(client, defaults: [:], fixed: [:]).makeConfiguration(events: 0)
            )
            return nil
        } catch {
            return error.message
        }
    }

    /// Whether librdkafka has a property of this name.
    package static func isProperty(_ name: String) -> Bool {
        guard let object = rd_kafka_conf_new() else { return false }
        defer { rd_kafka_conf_destroy(object) }
        // A value that it does not take is "invalid". Reading it tells less: a property without a value is "unknown" then.
        return rd_kafka_conf_set(object, name, "", nil, 0) != RD_KAFKA_CONF_UNKNOWN
    }
}
