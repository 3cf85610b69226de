/// Changes or drops records between converter and sink; Connect calls it a single message transform.
package protocol Transform: Sendable {
    /// Applies itself to each record of the batch. A record on which it fails stays as it is and is named in the
    /// result, whose indexes rise and count in the batch as the transform leaves it.
    func apply(to records: inout SinkRecords) -> [RecordFailure]
}
