/// One record to send, or a copy of one that was received.
package struct KafkaRecord: Hashable, Sendable {
    /// A header: a name and a value that may be null.
    package struct Header: Hashable, Sendable {
        package var name: String
        package var value: [UInt8]?

        package init(name: String, value: [UInt8]?) {
            self.name = name
            self.value = value
        }
    }

    package var topic: String
    /// The partition, or `nil`: the key's hash chooses it as Java's client does, a random one without a key.
    package var partition: Int32?
    package var key: [UInt8]?
    /// The value; `nil` is a tombstone.
    package var value: [UInt8]?
    package var headers: [Header]
    /// Milliseconds since 1970, or `nil`: the time of sending. librdkafka takes 0 for `nil` too: the first millisecond of
    /// 1970 cannot be sent.
    package var timestamp: Int64?

    package init(
        topic: String,
        partition: Int32? = nil,
        key: [UInt8]? = nil,
        value: [UInt8]?,
        headers: [Header] = [],
        timestamp: Int64? = nil
    ) {
        self.topic = topic
        self.partition = partition
        self.key = key
        self.value = value
        self.headers = headers
        self.timestamp = timestamp
    }

    /// A record of text.
    package init(topic: String, key: String?, value: String?) {
        self.init(topic: topic, key: key.map { Array($0.utf8) }, value: value.map { Array($0.utf8) })
    }
}
