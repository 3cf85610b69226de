/// Which time decides a record's directory; the text is Confluent's name.
package enum TimestampExtractor: String, CaseIterable, Sendable {
    /// When the sink takes the record. After a crash the same record may go to another directory than before.
    case wallclock = "Wallclock"
    /// The record's own timestamp in Kafka; a record without one has the time at which the sink takes it.
    case record = "Record"
}
