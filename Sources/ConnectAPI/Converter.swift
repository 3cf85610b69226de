/// Turns the bytes of records, as they lie in Kafka, into what sinks work with.
package protocol Converter: Sendable {
    /// Converts the values of `records` in place. A record that cannot be converted stays as it is and is named in the
    /// result, whose indexes rise; a null value is not touched.
    mutating func convertValues(of records: inout SinkRecords) -> [RecordFailure]
}
