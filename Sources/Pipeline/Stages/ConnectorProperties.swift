import Community
import ConnectAPI
import ConnectRuntime

extension PipelineConfiguration {
    /// The connector of the embedded pipeline, in Kafka Connect's own keys: what a cluster's worker would be given.
    package var connectorProperties: [String: String] {
        [
            "name": sink.name,
            "connector.class": "HDFSSinkConnector",
            "topics": CommunityTopic.allCases.map(\.name).joined(separator: ","),
            "topics.dir": sink.topicsDirectory,
            "logs.dir": sink.logsDirectory,
            "file.delim": "_",
            "filename.offset.zero.pad.width": "10",
            "format.class": "JsonFormat",
            "partitioner.class": "TimeBasedPartitioner",
            "path.format": sink.pathFormat,
            "locale": sink.locale,
            "timezone": sink.timeZone,
            "timestamp.extractor": "Record",
            "flush.size": "\(sink.flushSize)",
            "rotate.size.bytes": "\(sink.rotateSizeBytes)",
            "visible.within.ms": "\(sink.visibleWithinMilliseconds)",
            "transforms": "dropNullRecords",
            "transforms.dropNullRecords.type": "org.apache.kafka.connect.transforms.Filter",
            "transforms.dropNullRecords.predicate": "isNullRecord",
            "predicates": "isNullRecord",
            "predicates.isNullRecord.type": "org.apache.kafka.connect.transforms.predicates.RecordIsTombstone",
            "errors.tolerance": "all",
            "errors.deadletterqueue.topic.name": sink.deadLetterTopic,
        ]
    }
}

extension PipelineConfiguration {
    /// The first thing that the connector finds wrong with its settings, under our own key; `nil` where there is none.
    var connectorProblem: (key: String, message: String)? {
        ConfigurationValidation(connectorProperties, plugins: .builtIn).problems.first.map { problem in
            (Self.key(ofConnectors: problem.key), problem.message)
        }
    }

    /// Our keys are the connector's, with dashes; a time says its unit.
    private static func key(ofConnectors key: String) -> String {
        var name = key.replacing(".", with: "-")
        if name.hasSuffix("-ms") { name = name.dropLast(2) + "milliseconds" }
        return "sink." + name
    }
}
