/// What commit records say of a file.
package struct FileExpectation: Hashable, Sendable {
    /// Its final name, below the storage's root.
    package var path: String
    /// Its name until the commit's last step.
    package var temporary: String
    package var first: Int64
    package var last: Int64
    package var rows: Int64
    package var bytes: Int64
    /// CRC-32C, 8 hexadecimal digits.
    package var checksum: String
    /// The sequence number of the commit record that names it.
    package var sequence: Int64

    package init(
        path: String,
        temporary: String,
        first: Int64,
        last: Int64,
        rows: Int64,
        bytes: Int64,
        checksum: String,
        sequence: Int64
    ) {
        self.path = path
        self.temporary = temporary
        self.first = first
        self.last = last
        self.rows = rows
        self.bytes = bytes
        self.checksum = checksum
        self.sequence = sequence
    }
}
