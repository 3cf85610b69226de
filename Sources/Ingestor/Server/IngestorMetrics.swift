import CoreMetrics
import KafkaProtocol

/// What the ingestor counts, for all connections together.
enum IngestorMetrics {
    private static let receivedBytes = Counter(label: "hera_ingestor_received_bytes_total")
    private static let sentBytes = Counter(label: "hera_ingestor_sent_bytes_total")
    private static let openConnections = Meter(label: "hera_ingestor_open_connections")
    private static let acceptedConnections = Counter(label: "hera_ingestor_accepted_connections_total")
    private static let refusedConnections = Counter(label: "hera_ingestor_refused_connections_total")
    private static let appendedBatches = Counter(label: "hera_ingestor_appended_batches_total")
    private static let appendedBytes = Counter(label: "hera_ingestor_appended_bytes_total")
    private static let refusedBatches = Counter(label: "hera_ingestor_refused_batches_total")

    private static let requests = Dictionary(
        uniqueKeysWithValues: APIKey.allCases.map { api in
            (api, Counter(label: "hera_ingestor_requests_total", dimensions: [("api", "\(api)")]))
        }
    )

    /// A request was read.
    static func requested(_ api: APIKey) { requests[api]?.increment() }

    /// Bytes came from a socket.
    static func received(_ bytes: Int) { receivedBytes.increment(by: bytes) }

    /// The bytes of a response were handed to a socket.
    static func sent(_ bytes: Int) { sentBytes.increment(by: bytes) }

    static func connectionOpened() {
        acceptedConnections.increment()
        openConnections.increment(by: 1)
    }

    static func connectionClosed() { openConnections.decrement(by: 1) }

    /// There were too many connections for another one.
    static func connectionRefused() { refusedConnections.increment() }

    /// A record batch was appended.
    static func appended(_ bytes: Int) {
        appendedBatches.increment()
        appendedBytes.increment(by: bytes)
    }

    /// The log did not take a record batch.
    static func batchRefused() { refusedBatches.increment() }
}
