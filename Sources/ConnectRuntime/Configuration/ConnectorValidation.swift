package import ConnectAPI
import PlainText

extension ConfigurationValidation {
    /// Checks the whole configuration of a connector: what the runtime defines, the transforms and predicates that it
    /// names, and the connector's own settings, each and beside the others.
    package init(
        _ configuration: [String: String],
        connector: any SinkConnector.Type,
        plugins: PluginRegistry
    ) {
        self = ConnectorDefinitions.all(for: configuration, connector: connector.definitions, plugins: plugins)
            .validate(configuration)
        problems += TransformationChain.problems(with: configuration)
        if let name = configuration["connector.class"], !connector.classNames.contains(name) {
            let message = "'\(name)' is not one of \(connector.classNames.joined(separator: ", "))"
            problems.append(ConfigurationProblem(key: "connector.class", message: message))
        }
        // What settings are beside each other can only be told where each is right.
        guard problems.isEmpty else { return }
        problems += Self.problems { () throws(ConfigurationError) in _ = try ConnectorSettings(values) }
        problems += Self.problems { () throws(ConfigurationError) in
            _ = try TransformationChain(values, plugins: plugins)
        }
        problems += otherTopics(connector, plugins)
        problems += connector.problems(with: values)
    }

    /// Checks the whole configuration of a connector that `plugins` has, found by its class.
    package init(_ configuration: [String: String], plugins: PluginRegistry) {
        let name = configuration["connector.class"] ?? ""
        if let connector = plugins.connector(named: name) {
            self.init(configuration, connector: connector, plugins: plugins)
            return
        }
        let definitions = ConnectorDefinitions.all(
            for: configuration,
            connector: ConfigurationDefinitions([]),
            plugins: plugins
        )
        self = definitions.validate(configuration.filter { definitions[$0.key] != nil })
        guard !name.isEmpty else { return }
        let known = plugins.connectors.flatMap { $0.classNames }
        let nearest = EditDistance.nearest(to: name, among: known)
        let advice = nearest.map { "did you mean '\($0)'?" } ?? "there is \(known.joined(separator: ", "))"
        problems.append(ConfigurationProblem(key: "connector.class", message: "'\(name)' is not known; \(advice)"))
    }

    private static func problems(_ check: () throws(ConfigurationError) -> Void) -> [ConfigurationProblem] {
        do {
            try check()
            return []
        } catch {
            return error.problems
        }
    }

    /// Transforms that give records other topics, where the connector cannot file those.
    private func otherTopics(
        _ connector: any SinkConnector.Type,
        _ plugins: PluginRegistry
    ) -> [ConfigurationProblem] {
        guard !connector.filesOtherTopics else { return [] }
        return values.list("transforms").compactMap { alias in
            let key = "transforms.\(alias).type"
            let name = values.text(key)
            guard plugins.transform(named: name)?.changesTopics == true else { return nil }
            let message =
                "'\(name)' gives records other topics, and \(values.text("connector.class")) files a record under the "
                + "topic that it comes from; take the transform out"
            return ConfigurationProblem(key: key, message: message)
        }
    }
}
