package import ConnectAPI

/// The transforms and predicates of this module, to be registered.
package enum ConnectTransforms {
    package static let transforms: [Plugin<any Transform>] =
        [Filter.plugin, RegexRouter.plugin] + ReplaceField.plugins
    package static let predicates: [Plugin<any Predicate>] = [
        RecordIsTombstone.plugin, HasHeaderKey.plugin, TopicNameMatches.plugin,
    ]
}
