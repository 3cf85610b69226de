import CommitLog
import KafkaProtocol

/// A response, and the parts of logs that are sent from their files in the places it leaves for them.
struct Answer: Sendable {
    var body: any WireResponse
    /// In the order of ``FetchedRecords/external(byteCount:)`` in the body.
    var slices: [LogSlice] = []
    /// The version to write it in, where that is not the request's.
    var version: Int16?

    init(_ body: any WireResponse, slices: [LogSlice] = [], version: Int16? = nil) {
        self.body = body
        self.slices = slices
        self.version = version
    }
}
