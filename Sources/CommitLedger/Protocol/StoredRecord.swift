/// A commit record together with what the next one says about it.
package struct StoredRecord: Hashable, Sendable {
    package let record: CommitRecord
    /// SHA-256 of the record's bytes as they are stored, in hexadecimal digits.
    package let digest: String

    package init(record: CommitRecord, digest: String) {
        self.record = record
        self.digest = digest
    }
}
