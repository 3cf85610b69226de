/// Which task of which connector it is, and who runs it.
package struct SinkTaskIdentity: Hashable, Sendable {
    /// The connector's name: part of its commit directory and of its consumer group.
    package let connector: String
    /// The task's number, from 0.
    package let task: Int
    /// Who runs it: unique among everything that ever writes for the connector, so a record read back tells whose it
    /// is.
    package let writer: String

    package init(connector: String, task: Int, writer: String) {
        self.connector = connector
        self.task = task
        self.writer = writer
    }
}
