/// A header of a record: a name and bytes, or no bytes at all (null).
package struct RecordHeader: Hashable, Sendable {
    package let name: String
    package let value: [UInt8]?

    package init(name: String, value: [UInt8]?) {
        self.name = name
        self.value = value
    }
}
