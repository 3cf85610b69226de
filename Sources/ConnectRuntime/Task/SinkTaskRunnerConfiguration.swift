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
        let own = type(of: connector).definitions
        values = try ConnectorDefinitions.all(for: configuration, connector: own, plugins: plugins)
            .values(of: configuration)
        settings = try ConnectorSettings(values)
        let className = values.text("connector.class")
        guard type(of: connector).classNames.contains(className) else {
            let known = type(of: connector).classNames.joined(separator: ", ")
            throw ConfigurationError([
                ConfigurationProblem(key: "connector.class", message: "'\(className)' is none of \(known)")
            ])
        }
        self.connector = connector
        self.plugins = plugins
        self.task = task
        self.bootstrap = bootstrap
        self.properties = properties
        self.now = now
        try checkTopics()
        // What is wrong with transforms beyond single values shows here and not when the task runs.
        _ = try makePipeline()
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

    /// Transforms that give records other topics, where the connector cannot file those.
    private func checkTopics() throws(ConfigurationError) {
        guard !type(of: connector).filesOtherTopics else { return }
        var problems: [ConfigurationProblem] = []
        for alias in values.list("transforms") {
            let key = "transforms.\(alias).type"
            let name = values.text(key)
            guard plugins.transform(named: name)?.changesTopics == true else { continue }
            let message =
                "'\(name)' gives records other topics, and \(values.text("connector.class")) files a record under the "
                + "topic that it comes from; take the transform out"
            problems.append(ConfigurationProblem(key: key, message: message))
        }
        guard problems.isEmpty else { throw ConfigurationError(problems) }
    }
}
