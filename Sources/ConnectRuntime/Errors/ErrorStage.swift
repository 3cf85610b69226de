/// Where on its way from the topic to the sink a record failed; the names are those of Connect's headers.
package enum ErrorStage: String, Hashable, Sendable, Codable {
    case valueConverter = "VALUE_CONVERTER"
    case transformation = "TRANSFORMATION"

    /// The class that Connect would name for this stage, for tools that look at it.
    var executingClass: String {
        switch self {
        case .valueConverter: "org.apache.kafka.connect.json.JsonConverter"
        case .transformation: "org.apache.kafka.connect.runtime.TransformationChain"
        }
    }
}
