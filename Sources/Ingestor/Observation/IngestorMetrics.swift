import CoreMetrics
import KafkaProtocol
import NIOCore

/// What the ingestor counts, for all connections together. Where Kafka has a metric it has the name here that exporters of
/// Kafka's give it.
enum IngestorMetrics {
    private static let refusedConnections = Counter(label: "hera_ingestor_refused_connections_total")
    private static let appendedBatches = Counter(label: "hera_ingestor_appended_batches_total")
    private static let appendedRecords = Counter(label: "kafka_server_brokertopicmetrics_messagesin_total")
    private static let appendedBytes = Counter(label: "kafka_server_brokertopicmetrics_bytesin_total")
    private static let refusedBatches = Counter(label: "hera_ingestor_refused_batches_total")
    private static let slowRequests = Counter(label: "hera_ingestor_slow_requests_total")

    private struct OfAPI {
        let requests: Counter
        let time: Timer

        init(_ api: APIKey) {
            let labels = [("request", api.kafkaName)]
            requests = Counter(label: "kafka_network_requestmetrics_requests_total", dimensions: labels)
            time = Timer(label: "kafka_network_requestmetrics_totaltimems", dimensions: labels)
        }
    }

    /// By the key's number.
    private static let apis: [OfAPI?] = {
        var apis = [OfAPI?](repeating: nil, count: Int(APIKey.allCases.map(\.rawValue).max() ?? 0) + 1)
        for api in APIKey.allCases { apis[Int(api.rawValue)] = OfAPI(api) }
        return apis
    }()

    /// A request was read.
    static func requested(_ api: APIKey) { apis[Int(api.rawValue)]?.requests.increment() }

    /// A request was answered, so long after it had come.
    static func answered(_ api: APIKey, in time: TimeAmount) {
        apis[Int(api.rawValue)]?.time.recordNanoseconds(time.nanoseconds)
    }

    /// It took too long.
    static func wasSlow() { slowRequests.increment() }

    /// There were too many connections for another one.
    static func connectionRefused() { refusedConnections.increment() }

    /// A record batch was appended.
    static func appended(_ bytes: Int, records: Int64) {
        appendedBatches.increment()
        appendedRecords.increment(by: records)
        appendedBytes.increment(by: bytes)
    }

    /// The log did not take a record batch.
    static func batchRefused() { refusedBatches.increment() }
}

/// What is counted of the connections of a listener.
struct ListenerMetrics: Sendable {
    private let receivedBytes: Counter
    private let sentBytes: Counter
    private let open: Meter
    private let opened: Counter
    private let closed: Counter

    init(_ listener: String) {
        let labels = [("listener", listener)]
        let name = "kafka_server_socket_server_metrics_"
        receivedBytes = Counter(label: name + "incoming_byte_total", dimensions: labels)
        sentBytes = Counter(label: name + "outgoing_byte_total", dimensions: labels)
        open = Meter(label: name + "connection_count", dimensions: labels)
        opened = Counter(label: name + "connection_creation_total", dimensions: labels)
        closed = Counter(label: name + "connection_close_total", dimensions: labels)
    }

    /// Bytes came from a socket.
    func received(_ bytes: Int) { receivedBytes.increment(by: bytes) }

    /// The bytes of a response were handed to a socket.
    func sent(_ bytes: Int) { sentBytes.increment(by: bytes) }

    func connectionOpened() {
        opened.increment()
        open.increment(by: 1)
    }

    func connectionClosed() {
        closed.increment()
        open.decrement(by: 1)
    }
}

extension APIKey {
    /// Kafka's name of the API: `InitProducerId`.
    fileprivate var kafkaName: String {
        let name = "\(self)"
        return name.prefix(1).uppercased() + name.dropFirst().replacing("ID", with: "Id")
    }
}
