import KafkaTopics
import Monitoring
import Testing

@testable import Ingestor
@testable import Pipeline

@Suite struct IngestorMetricsTests {
    @Test func readingsAreShownByKafkasNames() {
        let partition = TopicPartition(topic: "events", partition: 1)
        var readings = IngestorReadings()
        readings.topicCount = 1
        readings.partitions = [
            .init(partition: partition, logStartOffset: 3, endOffset: 9, byteCount: 700, segmentCount: 2)
        ]
        readings.groupCount = 2
        readings.offsetCount = 4
        readings.lags = [
            .init(group: "a\"b", partition: partition, records: 5, milliseconds: 1_500),
            .init(group: "c", partition: partition, records: 6, milliseconds: nil),
        ]
        var measured = MeasuredValues()
        measured.add(readings)
        let lines = measured.text.split(separator: "\n")
        for line in [
            "# TYPE kafka_log_log_size gauge", #"kafka_log_log_size{partition="1",topic="events"} 700"#,
            #"kafka_log_log_logstartoffset{partition="1",topic="events"} 3"#,
            #"kafka_log_log_logendoffset{partition="1",topic="events"} 9"#,
            #"kafka_log_log_numlogsegments{partition="1",topic="events"} 2"#,
            "kafka_server_replicamanager_partitioncount 1", "kafka_controller_kafkacontroller_globaltopiccount 1",
            "kafka_controller_kafkacontroller_activecontrollercount 1",
            "kafka_coordinator_group_groupmetadatamanager_numgroups 2",
            "kafka_coordinator_group_groupmetadatamanager_numoffsets 4",
            #"hera_ingestor_group_lag_records{group="a\"b",partition="1",topic="events"} 5"#,
            #"hera_ingestor_group_lag_records{group="c",partition="1",topic="events"} 6"#,
            #"hera_ingestor_group_lag_seconds{group="a\"b",partition="1",topic="events"} 1.5"#,
        ] {
            #expect(lines.contains { $0 == line }, "\(line) is not in\n\(measured.text)")
        }
        #expect(!measured.text.contains("lag_seconds{group=\"c\""))
    }
}
