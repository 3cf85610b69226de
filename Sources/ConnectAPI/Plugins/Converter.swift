/// Turns the bytes of records, as they lie in Kafka, into what sinks work with. Belongs to one task at a time.
package protocol Converter {
    /// Reads and writes trees, for transforms and formats that ask for them.
    var coder: any DataCoder { get }

    /// Converts the values of `records` in place. A record that cannot be converted stays as it is and is named in the
    /// result, whose indexes rise; a null value is not touched.
    func convertValues(of records: inout SinkRecords) -> [RecordFailure]
}

extension Converter {
    /// Values stay as they are.
    package func convertValues(of records: inout SinkRecords) -> [RecordFailure] { [] }
}
