/// A kind of sink: what it is called, how it is configured, and how its tasks are made.
///
/// A connector is shared by everything that runs its tasks; each task belongs to one runner.
package protocol SinkConnector: Sendable {
    /// The names that `connector.class` may have, the connector's own first, those of the connectors it replaces behind.
    static var classNames: [String] { get }

    /// Its version, as Connect's REST API tells it.
    static var version: String { get }

    /// The settings of its own, without those that all sink connectors share.
    static var definitions: ConfigurationDefinitions { get }

    /// Whether its tasks file a record under the topic that a transform gave it (`SinkRecords.topic(at:)`). Offsets, and
    /// what a task keeps to find its place again, are those of the partition that the record comes from in any case.
    static var filesOtherTopics: Bool { get }

    /// What is wrong with its own settings beyond single values; `values` have the right types and ranges.
    static func problems(with values: ConfigurationValues) -> [ConfigurationProblem]

    /// What a connector with these settings does, in sentences; `values` have no problem.
    static func explanation(of values: ConfigurationValues) -> [String]

    /// The configurations of its tasks, at most `tasksMax`, which is 1 or more: their partitions are shared out among
    /// them by the consumer group.
    static func taskConfigurations(_ configuration: [String: String], tasksMax: Int) -> [[String: String]]

    /// Makes a task; `values` were validated against the shared definitions and the connector's own.
    ///
    /// - Parameter context: answers the task's questions.
    /// - Throws: `SinkTaskError` where the settings contradict each other or name something that is not there.
    func makeTask(
        _ task: SinkTaskIdentity,
        context: any SinkTaskContext,
        values: ConfigurationValues
    ) throws(SinkTaskError) -> any SinkTask
}

extension SinkConnector {
    /// All tasks have the connector's configuration.
    package static func taskConfigurations(
        _ configuration: [String: String],
        tasksMax: Int
    ) -> [[String: String]] {
        Array(repeating: configuration, count: tasksMax)
    }
}

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
