import Community
import GroundTruth
import KafkaClient
import Logging

/// The ground truth of a run in a compacted topic: what its file has, each row a record of its own.
///
///     key                                   value
///     <run>                                 the run: one JSON object, as in the file
///     <run>/hours/<topic>/2021-03-24T11     the row of an hour
///     <run>/users/HE_1                      the row of a user
///     <run>/unresolvedUsers/HE_1            the row of a user's records of unknown fate
///
/// The run is written when it begins (outcome `running`), and when it ends, after all rows.
struct TruthTopic: Sendable {
    let name: String
    let producer: ProducerConfiguration
    let logger: Logger

    /// Makes the topic if it is not there, and writes the beginning.
    func begin(_ truth: GroundTruth) async throws(DataSourceError) {
        do {
            try await withAdmin(producer.client, logger: logger) { admin in
                guard try await !admin.topics().contains(where: { $0.name == name }) else { return }
                try await admin.createTopic(
                    NewTopic(name: name, partitions: 1, configs: ["cleanup.policy": "compact"])
                )
            }
        } catch {
            throw .truthTopic(name, because: error)
        }
        try await write(truth, withRows: false)
    }

    /// Writes what has become known.
    func end(_ truth: GroundTruth) async throws(DataSourceError) { try await write(truth, withRows: true) }

    private func write(_ truth: GroundTruth, withRows: Bool) async throws(DataSourceError) {
        do {
            try await withProducer(producer, logger: logger) { producer in
                var sender = RowSender(producer, topic: name)
                if withRows {
                    for hour in truth.hours {
                        try await sender.send("\(truth.run)/hours/\(hour.topic.name)/\(hour.hourText)", hour.row)
                    }
                    for user in truth.users { try await sender.send("\(truth.run)/users/\(user.id)", user.row) }
                    for user in truth.unresolvedUsers {
                        try await sender.send("\(truth.run)/unresolvedUsers/\(user.id)", user.row)
                    }
                }
                // Last: who finds the end of a run finds its rows.
                try await sender.flush()
                try await sender.send(truth.run, truth.summary)
                try await sender.flush()
            }
        } catch {
            throw .truthTopic(name, because: error)
        }
    }
}

/// Sends rows in batches, and waits for each.
private struct RowSender {
    private let producer: KafkaProducer
    private var batch: OutgoingBatch

    init(_ producer: KafkaProducer, topic: String) {
        self.producer = producer
        batch = OutgoingBatch(topic: topic)
    }

    mutating func send(_ key: String, _ value: String) async throws {
        batch.append(key: key.utf8, value: value.utf8)
        if batch.count == Limits.roundRecordsMax { try await flush() }
    }

    mutating func flush() async throws {
        let report = try await producer.send(batch)
        batch.removeAll()
        if let failure = report.failures.first { throw failure.error }
    }
}
