package import ConnectAPI
import ConnectConverters
import ConnectTransforms
import HDFSSink

extension PluginRegistry {
    /// The connectors, converters, transforms and predicates that come with the program.
    package static let builtIn = PluginRegistry(
        connectors: [HDFSSinkConnector.self],
        keyConverters: [StringConverter.plugin, ByteArrayConverter.plugin],
        valueConverters: [JSONConverter.plugin],
        headerConverters: [SimpleHeaderConverter.plugin],
        transforms: ConnectTransforms.transforms,
        predicates: ConnectTransforms.predicates
    )
}
