package import ConnectAPI

/// The settings that every sink connector has, whatever it files to; the names are Kafka Connect's.
package enum ConnectorDefinitions {
    /// What a connector's configuration may hold: the shared settings, those of the transforms and predicates that
    /// `configuration` names, and the connector's own.
    package static func all(
        for configuration: [String: String],
        connector: ConfigurationDefinitions,
        plugins: PluginRegistry
    ) -> ConfigurationDefinitions {
        shared(plugins)
            .merging(TransformationChain.definitions(for: configuration, plugins: plugins))
            .merging(connector)
    }

    private static func shared(_ plugins: PluginRegistry) -> ConfigurationDefinitions {
        ConfigurationDefinitions(
            ConfigurationDefinition.group("Common", identity + conversion(plugins))
                + ConfigurationDefinition.group("Error Handling", errors),
            openPrefixes: ["consumer.override.", "producer.override."]
        )
    }

    private static let identity: [ConfigurationDefinition] = [
        .required("name", .string, .notEmpty, "The connector's name; its consumer group is 'connect-<name>'.").shown(
            .high,
            .medium,
            "Connector name"
        ),
        .required("connector.class", .className, .notEmpty, "Which connector it is.").shown(
            .high,
            .long,
            "Connector class"
        ),
        .ignored("tasks.max", because: "one task files all partitions that this process is given").shown(
            .high,
            .short,
            "Tasks max"
        ),
        .required("topics", .list, .notEmpty, "The topics to file, with commas between them.").shown(
            .high,
            .long,
            "Topics"
        ),
    ]

    private static func conversion(_ plugins: PluginRegistry) -> [ConfigurationDefinition] {
        [
            ConfigurationDefinition(
                "key.converter",
                .className,
                default: "StringConverter",
                .oneOf(plugins.keyConverters.flatMap(\.classNames)),
                "How keys are read; they are handed on as they are."
            ).shown(.low, .short, "Key converter class"),
            withoutSchemas("key.converter.schemas.enable"),
            ConfigurationDefinition(
                "value.converter",
                .className,
                default: "JsonConverter",
                .oneOf(plugins.valueConverters.flatMap(\.classNames)),
                "How values are read: each is one JSON value."
            ).shown(.low, .short, "Value converter class"),
            withoutSchemas("value.converter.schemas.enable"),
            ConfigurationDefinition(
                "header.converter",
                .className,
                default: "SimpleHeaderConverter",
                .oneOf(plugins.headerConverters.flatMap(\.classNames)),
                "How headers are read; they are handed on as they are."
            ).shown(.low, .short, "Header converter class"),
        ]
    }

    private static func withoutSchemas(_ key: String) -> ConfigurationDefinition {
        ConfigurationDefinition(
            key,
            .boolean,
            default: "false",
            .oneOf(["false"]),
            "Whether each record carries its schema; only false is supported: values are plain JSON."
        )
    }

    @Sendable private static func hasDeadLetterQueue(_ configuration: [String: String]) -> Bool {
        configuration["errors.deadletterqueue.topic.name"]?.isEmpty == false
    }

    private static let errors: [ConfigurationDefinition] = [
        ConfigurationDefinition(
            "errors.tolerance",
            .string,
            default: ErrorTolerance.none.rawValue,
            .oneOf(ErrorTolerance.allCases.map(\.rawValue)),
            "What happens to a record that cannot be converted: 'none' stops its partition there, 'all' sets the record "
                + "aside."
        ).shown(.medium, .short, "Error Tolerance"),
        ConfigurationDefinition(
            "errors.deadletterqueue.topic.name",
            .string,
            default: nil,
            "The topic for records that were set aside; errors.tolerance=all needs it."
        ).shown(
            .medium,
            .medium,
            "Dead Letter Queue Topic Name",
            dependents: [
                "errors.deadletterqueue.topic.replication.factor", "errors.deadletterqueue.context.headers.enable",
            ]
        ),
        ConfigurationDefinition(
            "errors.deadletterqueue.topic.replication.factor",
            .int,
            default: "1",
            .within(1...Int64(Int16.max)),
            "How many brokers hold that topic, where it is created."
        ).shown(
            .medium,
            .medium,
            "Dead Letter Queue Topic Replication Factor",
            isVisible: hasDeadLetterQueue
        ),
        ConfigurationDefinition(
            "errors.deadletterqueue.context.headers.enable",
            .boolean,
            default: "true",
            "Whether such a record carries headers that say where it comes from and what is wrong (Connect's default is "
                + "false; the audit needs them)."
        ).shown(
            .medium,
            .medium,
            "Enable Error Context Headers",
            isVisible: hasDeadLetterQueue
        ),
        ConfigurationDefinition(
            "errors.retry.timeout",
            .long,
            default: "-1",
            .atLeast(-1),
            "For how many milliseconds a partition that is tried again counts as degraded; then it counts as failed, and "
                + "is tried again every errors.retry.delay.max.ms. -1: it never counts as failed; 0: at once."
        ).shown(.medium, .medium, "Retry Timeout for Errors"),
        ConfigurationDefinition(
            "errors.retry.delay.max.ms",
            .long,
            default: "60000",
            .within(1...86_400_000),
            "The longest wait between two tries, in milliseconds."
        ).shown(.medium, .medium, "Maximum Delay Between Retries for Errors"),
        ConfigurationDefinition(
            "errors.log.enable",
            .boolean,
            default: "false",
            "Whether each record that is set aside is named in the log as well."
        ).shown(.medium, .short, "Log Errors"),
        ConfigurationDefinition(
            "errors.log.include.messages",
            .boolean,
            default: "false",
            .oneOf(["false"]),
            "Whether the log shows the contents of such records; only false is supported: contents are personal data."
        ).shown(.medium, .short, "Log Error Details"),
    ]
}
