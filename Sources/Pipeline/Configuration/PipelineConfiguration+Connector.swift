import ConnectAPI
import ConnectRuntime
import HDFSSink

extension PipelineConfiguration {
    /// The first thing that the connector finds wrong with its settings, under our own key; `nil` where there is none.
    var connectorProblem: (key: String, message: String)? {
        let properties = connectorProperties
        do {
            let definitions = try ConnectorDefinitions.all(
                for: properties,
                connector: HDFSSinkDefinitions.all,
                plugins: .builtIn
            )
            let values = try definitions.values(of: properties)
            _ = try ConnectorSettings(values)
            _ = try HDFSSinkSettings(values)
            return nil
        } catch {
            return error.problems.first.map { (Self.key(ofConnectors: $0.key), $0.message) }
        }
    }

    /// Our keys are the connector's, with dashes; a time says its unit.
    private static func key(ofConnectors key: String) -> String {
        var name = key.replacing(".", with: "-")
        if name.hasSuffix("-ms") { name = name.dropLast(2) + "milliseconds" }
        return "sink." + name
    }
}
