package import ConnectAPI
import PlainText

/// The transforms that a configuration names, in its order, and the predicates they refer to:
///
///     transforms                          dropNullRecords
///     transforms.dropNullRecords.type     org.apache.kafka.connect.transforms.Filter
///     transforms.dropNullRecords.predicate  isNullRecord
///     predicates                          isNullRecord
///     predicates.isNullRecord.type        org.apache.kafka.connect.transforms.predicates.RecordIsTombstone
package enum TransformationChain {
    /// The settings of the transforms and predicates that `configuration` names.
    ///
    /// - Throws: a problem for a name without `.type`, or with one that is not known.
    package static func definitions(
        for configuration: [String: String]
    ) throws(ConfigurationError) -> ConfigurationDefinitions {
        var definitions = [
            ConfigurationDefinition(
                "transforms",
                .list,
                default: nil,
                "Names of the transforms that each record goes through, in this order."
            ),
            ConfigurationDefinition(
                "predicates",
                .list,
                default: nil,
                "Names of the predicates that transforms refer to."
            ),
        ]
        for alias in aliases("transforms", in: configuration) {
            let prefix = "transforms.\(alias)."
            definitions += [
                .required(prefix + "type", .className, .oneOf(Filter.classNames), "Which transform '\(alias)' is."),
                ConfigurationDefinition(
                    prefix + "predicate",
                    .string,
                    default: nil,
                    "The predicate for whose records '\(alias)' is applied; without one it is applied to all."
                ),
                ConfigurationDefinition(
                    prefix + "negate",
                    .boolean,
                    default: "false",
                    "Whether '\(alias)' is applied to the records for which the predicate does not hold."
                ),
            ]
        }
        for alias in aliases("predicates", in: configuration) {
            let rule = ConfigurationRule.oneOf(RecordIsTombstone.classNames)
            definitions.append(
                .required("predicates.\(alias).type", .className, rule, "Which predicate '\(alias)' is.")
            )
        }
        let problems = unknownPredicates(in: configuration)
        guard problems.isEmpty else { throw ConfigurationError(problems) }
        return ConfigurationDefinitions(definitions)
    }

    /// The transforms themselves; `values` were validated against `definitions(for:)`.
    package static func transforms(_ values: ConfigurationValues) -> [any Transform] {
        values.list("transforms").map { alias in
            // There is one predicate so far, so its name being known is enough.
            let named = values.string("transforms.\(alias).predicate") != nil
            return Filter(
                predicate: named ? RecordIsTombstone() : nil,
                negate: values.boolean("transforms.\(alias).negate")
            )
        }
    }

    private static func aliases(_ key: String, in configuration: [String: String]) -> [String] {
        configuration[key].map(ConfigurationDefinitions.words) ?? []
    }

    private static func unknownPredicates(in configuration: [String: String]) -> [ConfigurationProblem] {
        let known = aliases("predicates", in: configuration)
        return aliases("transforms", in: configuration).compactMap { alias in
            let key = "transforms.\(alias).predicate"
            guard let name = configuration[key], !known.contains(name) else { return nil }
            let nearest = EditDistance.nearest(to: name, among: known)
            let advice = nearest.map { "did you mean '\($0)'?" } ?? "add it to 'predicates' and say its type"
            return ConfigurationProblem(key: key, message: "'\(name)' is no predicate of this connector; \(advice)")
        }
    }
}
