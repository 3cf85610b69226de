package import ConnectAPI

/// Which task a runner runs, on which cluster.
package struct SinkTaskRunnerConfiguration: Sendable {
    package let connector: any SinkConnector
    package let settings: ConnectorSettings
    package let values: ConfigurationValues
    /// What the configuration may name.
    package let plugins: PluginRegistry
    /// The task's number, from 0.
    package let task: Int
    /// The brokers to start from, each as `host:port`.
    package let bootstrap: [String]
    /// librdkafka properties for all clients of this runner, such as `security.protocol`.
    package let properties: [String: String]
    /// Whether the runner reads the configuration of topics, and makes the topic of the dead letter queue; `false` where
    /// the cluster does not permit it.
    package var asksAboutTopics = true
    /// How often topics are asked about while the runner runs.
    package var asksAboutTopicsEvery = Duration.seconds(10)
    /// The dead letters that runners of this configuration have written in this process.
    package var letters = WrittenLetters()
    /// The clocks.
    package let now: @Sendable () -> Moment

    /// Checks `configuration`, a connector's settings by their Kafka Connect names, against what the runtime and the
    /// connector define.
    ///
    /// - Throws: everything that is wrong with it.
    package init(
        _ configuration: [String: String],
        connector: any SinkConnector,
        plugins: PluginRegistry,
        task: Int = 0,
        bootstrap: [String],
        properties: [String: String] = [:],
        now: @escaping @Sendable () -> Moment
    ) throws(ConfigurationError) {
        let kind = type(of: connector)
        let own = kind.taskConfigurations(configuration, tasksMax: task + 1)
        let validation = ConfigurationValidation(own[task], connector: kind, plugins: plugins)
        guard validation.problems.isEmpty else { throw ConfigurationError(validation.problems) }
        values = validation.values
        settings = try ConnectorSettings(values)
        self.connector = connector
        self.plugins = plugins
        self.task = task
        self.bootstrap = bootstrap
        self.properties = properties
        self.now = now
    }

    /// What the records of one task go through.
    ///
    /// - Throws: what is wrong with the settings of converter and transforms beyond single values.
    package func makePipeline() throws(ConfigurationError) -> RecordPipeline {
        try RecordPipeline(
            values,
            plugins: plugins,
            tolerance: settings.tolerance,
            filesOtherTopics: type(of: connector).filesOtherTopics
        )
    }
}
