import CRdKafka

extension TopicConfig {
    /// An entry of librdkafka's answer, copied. The broker itself hides values that are secrets.
    init(_ entry: OpaquePointer) {
        name = String(cString: rd_kafka_ConfigEntry_name(entry))
        let isHidden = rd_kafka_ConfigEntry_is_sensitive(entry) == 1
        value = isHidden ? nil : rd_kafka_ConfigEntry_value(entry).map { String(cString: $0) }
        isDefault = rd_kafka_ConfigEntry_is_default(entry) == 1
        isReadOnly = rd_kafka_ConfigEntry_is_read_only(entry) == 1
    }
}
