import ConnectAPI
import ConnectConverters
import ConnectTransforms

extension PluginRegistry {
    /// What configurations of these tests may name.
    static let builtIn = PluginRegistry(
        connectors: [RecordingConnector.self],
        keyConverters: [StringConverter.plugin, ByteArrayConverter.plugin],
        valueConverters: [JSONConverter.plugin],
        headerConverters: [SimpleHeaderConverter.plugin],
        transforms: ConnectTransforms.transforms,
        predicates: ConnectTransforms.predicates
    )
}
