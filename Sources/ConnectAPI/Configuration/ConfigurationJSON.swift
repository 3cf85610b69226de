import FoundationEssentials

/// Reads a connector's configuration from JSON as people write it: numbers and truth values where strings are usual,
/// the same key more than once (the last one counts).
package enum ConfigurationJSON {
    /// The settings in `json`, one object whose values are strings, numbers, truth values or null (a setting that is
    /// null is not set).
    package static func settings(in json: [UInt8]) throws(ConfigurationError) -> [String: String] {
        let scalars: [String: Scalar]
        do {
            scalars = try JSONDecoder().decode([String: Scalar].self, from: Data(json))
        } catch {
            let message = "is no JSON object of plain settings such as {\"tasks.max\": \"2\"}: \(error)"
            throw ConfigurationError([ConfigurationProblem(key: "configuration", message: message)])
        }
        return scalars.compactMapValues(\.text)
    }

    /// A value of a setting as its text.
    private struct Scalar: Decodable {
        let text: String?

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                text = nil
            } else if let truth = try? container.decode(Bool.self) {
                text = String(truth)
            } else if let whole = try? container.decode(Int64.self) {
                text = String(whole)
            } else if let number = try? container.decode(Double.self) {
                text = String(number)
            } else {
                text = try container.decode(String.self)
            }
        }
    }
}
