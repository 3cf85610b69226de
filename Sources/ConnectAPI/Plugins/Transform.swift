/// Changes or drops records between converter and sink; Connect calls it a single message transform.
///
/// Belongs to one task at a time.
package protocol Transform {
    /// Applies itself to the selected records of the batch. A record on which it fails stays as it is and is named in the
    /// result, whose indexes rise and count in the batch as the transform leaves it.
    func apply(to records: inout SinkRecords, _ selection: RecordSelection) -> [RecordFailure]
}

/// A transform that looks at one record at a time.
package protocol RecordTransform: Transform {
    /// Changes a record, or drops it.
    ///
    /// - Throws: why it cannot; the record then counts as failed.
    func apply(to record: inout ConnectRecord) throws(DataError)
}

extension RecordTransform {
    package func apply(to records: inout SinkRecords, _ selection: RecordSelection) -> [RecordFailure] {
        records.update(selection) { (record) throws(DataError) in try apply(to: &record) }
    }
}
