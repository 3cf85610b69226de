import Ingestor
import KafkaTopics
import Monitoring

extension MeasuredValues {
    /// Adds what was measured of an ingestor, by the names that exporters of Kafka's metrics give them. What no Kafka has,
    /// how far groups are behind, has names of ours.
    mutating func add(_ readings: IngestorReadings) {
        func add(_ name: String, _ value: (IngestorReadings.Partition) -> Int64) {
            self.add(
                "kafka_log_log_\(name)",
                readings.partitions.map { (Self.labels($0.partition), Double(value($0))) }
            )
        }
        add("logstartoffset") { $0.logStartOffset }
        add("logendoffset") { $0.endOffset }
        add("numlogsegments") { Int64($0.segmentCount) }
        add("size") { Int64($0.byteCount) }
        addNode(readings)
        self.add(
            "hera_ingestor_group_lag_records",
            readings.lags.map { (Self.labels($0.partition) + [("group", $0.group)], Double($0.records)) }
        )
        self.add(
            "hera_ingestor_group_lag_seconds",
            readings.lags.compactMap { lag in
                lag.milliseconds.map { (Self.labels(lag.partition) + [("group", lag.group)], Double($0) / 1e3) }
            }
        )
    }

    /// There is one node, so nothing is offline while it answers.
    private mutating func addNode(_ readings: IngestorReadings) {
        let partitions = readings.partitions.count
        let values: KeyValuePairs = [
            "kafka_controller_kafkacontroller_activecontrollercount": 1,
            "kafka_controller_kafkacontroller_globalpartitioncount": partitions,
            "kafka_controller_kafkacontroller_globaltopiccount": readings.topicCount,
            "kafka_controller_kafkacontroller_offlinepartitionscount": 0,
            "kafka_coordinator_group_groupmetadatamanager_numgroups": readings.groupCount,
            "kafka_coordinator_group_groupmetadatamanager_numoffsets": readings.offsetCount,
            "kafka_server_replicamanager_leadercount": partitions,
            "kafka_server_replicamanager_partitioncount": partitions,
            "kafka_server_replicamanager_underreplicatedpartitions": 0,
        ]
        for (name, value) in values { add(name, [([], Double(value))]) }
    }

    private static func labels(_ partition: TopicPartition) -> [(String, String)] {
        [("topic", partition.topic), ("partition", "\(partition.partition)")]
    }
}
