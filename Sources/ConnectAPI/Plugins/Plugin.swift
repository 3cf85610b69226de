/// A converter, transform or predicate that a configuration can name: what it is called, how it is configured, and how
/// it is made.
package struct Plugin<Product>: Sendable {
    /// The names that a configuration may give: the short name first, Kafka's full name behind.
    package let classNames: [String]

    /// Its settings, without the prefix under which a configuration has them.
    package let definitions: ConfigurationDefinitions

    /// Whether it gives records other topics; not every sink can file those.
    package let changesTopics: Bool

    private let factory: @Sendable (ConfigurationValues) throws(ConfigurationError) -> Product

    /// - Parameters:
    ///   - classNames: the short name first, Kafka's full name behind.
    ///   - changesTopics: whether it gives records other topics.
    ///   - make: makes one of values that were validated against `definitions`.
    package init(
        classNames: [String],
        definitions: ConfigurationDefinitions = ConfigurationDefinitions([]),
        changesTopics: Bool = false,
        make: @escaping @Sendable (ConfigurationValues) throws(ConfigurationError) -> Product
    ) {
        self.classNames = classNames
        self.definitions = definitions
        self.changesTopics = changesTopics
        factory = make
    }

    /// Makes one.
    ///
    /// - Parameter configuration: its settings, without the prefix.
    /// - Throws: everything that is wrong with the settings.
    package func make(_ configuration: [String: String]) throws(ConfigurationError) -> Product {
        try factory(try definitions.values(of: configuration))
    }
}

/// The plug-ins that configurations can name, by class name. What none of them has as its name is not known.
package struct PluginRegistry: Sendable {
    package let connectors: [any SinkConnector.Type]
    package let keyConverters: [Plugin<any Converter>]
    package let valueConverters: [Plugin<any Converter>]
    package let headerConverters: [Plugin<any Converter>]
    package let transforms: [Plugin<any Transform>]
    package let predicates: [Plugin<any Predicate>]

    package init(
        connectors: [any SinkConnector.Type] = [],
        keyConverters: [Plugin<any Converter>] = [],
        valueConverters: [Plugin<any Converter>] = [],
        headerConverters: [Plugin<any Converter>] = [],
        transforms: [Plugin<any Transform>] = [],
        predicates: [Plugin<any Predicate>] = []
    ) {
        self.connectors = connectors
        self.keyConverters = keyConverters
        self.valueConverters = valueConverters
        self.headerConverters = headerConverters
        self.transforms = transforms
        self.predicates = predicates
    }

    package func connector(named name: String) -> (any SinkConnector.Type)? {
        connectors.first { $0.classNames.contains(name) }
    }

    package func keyConverter(named name: String) -> Plugin<any Converter>? {
        keyConverters.first { $0.classNames.contains(name) }
    }

    package func headerConverter(named name: String) -> Plugin<any Converter>? {
        headerConverters.first { $0.classNames.contains(name) }
    }

    package func valueConverter(named name: String) -> Plugin<any Converter>? {
        valueConverters.first { $0.classNames.contains(name) }
    }

    package func transform(named name: String) -> Plugin<any Transform>? {
        transforms.first { $0.classNames.contains(name) }
    }

    package func predicate(named name: String) -> Plugin<any Predicate>? {
        predicates.first { $0.classNames.contains(name) }
    }
}
