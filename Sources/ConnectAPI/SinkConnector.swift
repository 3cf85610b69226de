/// A kind of sink: what it is called, how it is configured, and how its tasks are made.
///
/// A connector is shared by everything that runs its tasks; each task belongs to one runner.
package protocol SinkConnector: Sendable {
    /// The names that `connector.class` may have, the connector's own first, those of the connectors it replaces behind.
    static var classNames: [String] { get }

    /// The settings of its own, without those that all sink connectors share.
    static var definitions: ConfigurationDefinitions { get }

    /// Whether its tasks file a record under the topic that a transform gave it (`SinkRecords.topic(at:)`). Offsets, and
    /// what a task keeps to find its place again, are those of the partition that the record comes from in any case.
    static var filesOtherTopics: Bool { get }

    /// Makes a task; `values` were validated against the shared definitions and the connector's own.
    ///
    /// - Throws: `SinkTaskError` where the settings contradict each other or name something that is not there.
    func makeTask(
        _ task: SinkTaskIdentity,
        values: ConfigurationValues
    ) throws(SinkTaskError) -> any SinkTask
}
