package import ConnectAPI
import PlainText

/// The transforms that a configuration names, in its order, each with the predicate that it refers to:
///
///     transforms                          dropNullRecords
///     transforms.dropNullRecords.type     org.apache.kafka.connect.transforms.Filter
///     transforms.dropNullRecords.predicate  isNullRecord
///     predicates                          isNullRecord
///     predicates.isNullRecord.type        org.apache.kafka.connect.transforms.predicates.RecordIsTombstone
///
/// Belongs to one task at a time.
package struct TransformationChain {
    /// A transform and the records that it is applied to.
    package struct Step {
        let transform: any Transform
        let predicate: (any Predicate)?
        let negate: Bool

        /// Applies `transform` to the records for which `predicate` holds, or does not hold (`negate`); to all without a
        /// predicate.
        package init(_ transform: any Transform, where predicate: (any Predicate)? = nil, negate: Bool = false) {
            self.transform = transform
            self.predicate = predicate
            self.negate = negate
        }

        /// Applies the step to a batch; see `Transform.apply`.
        func apply(to records: inout SinkRecords) -> [RecordFailure] {
            guard let predicate else { return transform.apply(to: &records, .all) }
            var selection = predicate.selection(of: records)
            if negate { selection = selection.inverted(count: records.count) }
            return selection.isEmpty ? [] : transform.apply(to: &records, selection)
        }
    }

    package let steps: [Step]

    package init(_ steps: [Step]) {
        self.steps = steps
    }

    /// Makes the transforms that `values` names; they were validated against `definitions(for:plugins:)`.
    ///
    /// - Throws: what is wrong with their settings beyond single values.
    package init(_ values: ConfigurationValues, plugins: PluginRegistry) throws(ConfigurationError) {
        var steps: [Step] = []
        for alias in values.list("transforms") {
            let prefix = "transforms.\(alias)."
            let transform = try Self.make(prefix, values, plugins.transform, except: Self.stepKeys)
            var predicate: (any Predicate)?
            if let name = values.string(prefix + "predicate") {
                predicate = try Self.make("predicates.\(name).", values, plugins.predicate, except: [])
            }
            steps.append(Step(transform, where: predicate, negate: values.boolean(prefix + "negate")))
        }
        self.steps = steps
    }

    /// The settings of a step that are not its transform's own.
    private static let stepKeys: Set = ["predicate", "negate"]

    private static func make<Product>(
        _ prefix: String,
        _ values: ConfigurationValues,
        _ plugin: (String) -> Plugin<Product>?,
        except others: Set<String>
    ) throws(ConfigurationError) -> Product {
        let name = values.text(prefix + "type")
        guard let plugin = plugin(name) else { preconditionFailure("no plug-in is named '\(name)'") }
        let own = values.settings(withPrefix: prefix).filter { $0.key != "type" && !others.contains($0.key) }
        do throws(ConfigurationError) {
            return try plugin.make(own)
        } catch {
            throw ConfigurationError(
                error.problems.map { ConfigurationProblem(key: prefix + $0.key, message: $0.message) }
            )
        }
    }

    /// The settings of the transforms and predicates that `configuration` names.
    package static func definitions(
        for configuration: [String: String],
        plugins: PluginRegistry
    ) -> ConfigurationDefinitions {
        let names = [
            ConfigurationDefinition(
                "transforms",
                .list,
                default: nil,
                "Names of the transforms that each record goes through, in this order."
            ).shown(.low, .long, "Transforms"),
            ConfigurationDefinition(
                "predicates",
                .list,
                default: nil,
                "Names of the predicates that transforms refer to."
            ).shown(.low, .long, "Predicates"),
        ]
        var definitions =
            ConfigurationDefinition.group("Transforms", [names[0]])
            + ConfigurationDefinition.group("Predicates", [names[1]])
        for alias in aliases("transforms", in: configuration) {
            let prefix = "transforms.\(alias)."
            let own = configuration[prefix + "type"].flatMap(plugins.transform(named:))?.definitions
            definitions += ConfigurationDefinition.group(
                "Transforms: \(alias)",
                step(alias, plugins) + (own?.definitions.map { $0.prefixed(prefix) } ?? [])
            )
        }
        for alias in aliases("predicates", in: configuration) {
            let prefix = "predicates.\(alias)."
            let classes = plugins.predicates.flatMap(\.classNames)
            let type = ConfigurationDefinition.required(
                prefix + "type",
                .className,
                .oneOf(classes),
                "Which predicate '\(alias)' is."
            ).shown(.high, .long, "Predicate type for \(alias)")
            let own = configuration[prefix + "type"].flatMap(plugins.predicate(named:))?.definitions
            definitions += ConfigurationDefinition.group(
                "Predicates: \(alias)",
                [type] + (own?.definitions.map { $0.prefixed(prefix) } ?? [])
            )
        }
        return ConfigurationDefinitions(definitions)
    }

    /// The settings that every transform has.
    private static func step(_ alias: String, _ plugins: PluginRegistry) -> [ConfigurationDefinition] {
        let prefix = "transforms.\(alias)."
        return [
            .required(
                prefix + "type",
                .className,
                .oneOf(plugins.transforms.flatMap(\.classNames)),
                "Which transform '\(alias)' is."
            ).shown(.high, .long, "Transformation type for \(alias)"),
            ConfigurationDefinition(
                prefix + "predicate",
                .string,
                default: nil,
                "The predicate for whose records '\(alias)' is applied; without one it is applied to all."
            ).shown(.medium, .medium, "Predicate for \(alias)", dependents: [prefix + "negate"]),
            ConfigurationDefinition(
                prefix + "negate",
                .boolean,
                default: "false",
                "Whether '\(alias)' is applied to the records for which the predicate does not hold."
            ).shown(.medium, .short, "Negate the predicate of \(alias)") { $0[prefix + "predicate"] != nil },
        ]
    }

    private static func aliases(_ key: String, in configuration: [String: String]) -> [String] {
        configuration[key].map(ConfigurationDefinitions.words) ?? []
    }

    /// Predicates that a transform refers to and `configuration` does not name.
    package static func problems(with configuration: [String: String]) -> [ConfigurationProblem] {
        let known = aliases("predicates", in: configuration)
        return aliases("transforms", in: configuration).compactMap { alias in
            let key = "transforms.\(alias).predicate"
            guard let name = configuration[key], !known.contains(name) else { return nil }
            let nearest = EditDistance.nearest(to: name, among: known)
            let advice = nearest.map { "did you mean '\($0)'?" } ?? "add it to 'predicates' and say its type"
            return ConfigurationProblem(key: key, message: "'\(name)' is not a predicate of this connector; \(advice)")
        }
    }
}
