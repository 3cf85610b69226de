package import ConnectAPI

/// Leaves out or renames the members of an object: Connect's `ReplaceField$Key` and `ReplaceField$Value`.
///
/// Only the outermost object is looked at. A null key or value stays; anything else that is not an object is an error.
package struct ReplaceField: RecordTransform {
    /// Which part of a record it works on.
    package enum Part: String, CaseIterable, Sendable {
        case key = "Key"
        case value = "Value"
    }

    package static let plugins = Part.allCases.map { part in
        let name = "ReplaceField$\(part.rawValue)"
        return Plugin<any Transform>(
            classNames: [name, "org.apache.kafka.connect.transforms.\(name)"],
            definitions: definitions
        ) { values in
            ReplaceField(
                part,
                exclude: values.list("exclude"),
                include: values.list("include"),
                renames: Dictionary(values.list("renames").compactMap(mapping)) { _, later in later }
            )
        }
    }

    private static let definitions = ConfigurationDefinitions([
        ConfigurationDefinition(
            "exclude",
            .list,
            default: "",
            "Fields to leave out, with commas between them; this takes precedence over 'include'."
        ),
        ConfigurationDefinition(
            "include",
            .list,
            default: "",
            "Fields to keep, with commas between them; without any all are kept."
        ),
        ConfigurationDefinition(
            "renames",
            .list,
            default: "",
            ConfigurationRule { value in
                let wrong = ConfigurationDefinitions.words(value).first { mapping($0) == nil }
                return wrong.map { "has '\($0)', which is not two names with a colon between them" }
            },
            "New names of fields: pairs such as old:new, with commas between them."
        ),
        .ignored("replace.null.with.default", because: "values have no schema and so no defaults"),
    ])

    private static func mapping(_ word: String) -> (String, String)? {
        let names = word.split(separator: ":", omittingEmptySubsequences: false)
        guard names.count == 2, !names.contains("") else { return nil }
        return (String(names[0]), String(names[1]))
    }

    private let part: Part
    private let exclude: Set<String>
    private let include: Set<String>
    private let renames: [String: String]

    package init(_ part: Part, exclude: [String] = [], include: [String] = [], renames: [String: String] = [:]) {
        self.part = part
        self.exclude = Set(exclude)
        self.include = Set(include)
        self.renames = renames
    }

    package func apply(to record: inout ConnectRecord) throws(DataError) {
        let value = part == .key ? try record.key() : try record.value()
        if value == .null { return }
        guard case .object(let object) = value else {
            throw DataError("ReplaceField needs an object, and the \(part.rawValue.lowercased()) is \(value.kind)")
        }
        var replaced = DataObject()
        var isChanged = false
        for member in object.members {
            guard !exclude.contains(member.name), include.isEmpty || include.contains(member.name) else {
                isChanged = true
                continue
            }
            let name = renames[member.name] ?? member.name
            if name != member.name { isChanged = true }
            replaced[name] = member.value
        }
        // An object that stays keeps its bytes.
        guard isChanged else { return }
        switch part {
        case .key: record.setKey(.object(replaced))
        case .value: record.setValue(.object(replaced))
        }
    }
}
