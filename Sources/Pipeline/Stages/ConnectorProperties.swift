import ConnectAPI
import ConnectRuntime
import HDFSSink

extension PipelineConfiguration {
    /// The connector of the embedded pipeline, in Kafka Connect's own keys: what a cluster's worker would be given.
    package var connectorProperties: [String: String] {
        [
            "name": sink.name,
            "connector.class": "HDFSSinkConnector",
            "topics": "utenti,comportamenti,premi",
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
