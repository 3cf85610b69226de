import ConnectAPI
import ConnectConverters
import ConnectTransforms

extension PluginRegistry {
    /// What configurations of these tests may name.
    static let builtIn = PluginRegistry(
        valueConverters: [JSONConverter.plugin],
        transforms: ConnectTransforms.transforms,
        predicates: ConnectTransforms.predicates
    )
}
