/// Which task of which connector it is, and who runs it.
package struct SinkTaskIdentity: Hashable, Sendable {
    /// The connector's name: part of its commit directory and of its consumer group.
    package let connector: String
    /// Who runs it: unique among everything that ever writes for the connector, so a record read back tells whose it
    /// is.
    package let writer: String

    package init(connector: String, writer: String) {
        self.connector = connector
        self.writer = writer
    }
}
