package import ConnectAPI
import ConnectConverters
import ConnectTransforms

extension PluginRegistry {
    /// The converters, transforms and predicates that come with the program.
    package static let builtIn = PluginRegistry(
        keyConverters: [StringConverter.plugin, ByteArrayConverter.plugin],
        valueConverters: [JSONConverter.plugin],
        headerConverters: [SimpleHeaderConverter.plugin],
        transforms: ConnectTransforms.transforms,
        predicates: ConnectTransforms.predicates
    )
}
