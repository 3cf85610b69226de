package import ConnectAPI
import KafkaTopics

/// What every batch goes through between consumer and sink: converter, then transforms, and the tolerance of errors
/// at each of these stages. Belongs to one runner at a time.
package struct RecordPipeline {
    private let converter: any Converter
    private let coders: SinkRecords.Coders
    private let transforms: TransformationChain
    private let tolerance: ErrorTolerance
    private let filesOtherTopics: Bool

    /// - Parameters:
    ///   - converter: of values.
    ///   - key: of keys.
    ///   - header: of headers.
    ///   - filesOtherTopics: whether the sink files a record under the topic that a transform gave it.
    package init(
        converter: any Converter,
        key: any DataCoder = BytesCoder(),
        header: any DataCoder = BytesCoder(),
        transforms: TransformationChain,
        tolerance: ErrorTolerance,
        filesOtherTopics: Bool = false
    ) {
        self.filesOtherTopics = filesOtherTopics
        self.converter = converter
        coders = SinkRecords.Coders(key: key, value: converter.coder, header: header)
        self.transforms = transforms
        self.tolerance = tolerance
    }

    /// The converters and transforms that `values` names.
    ///
    /// - Throws: what is wrong with their settings beyond single values.
    init(
        _ values: ConfigurationValues,
        plugins: PluginRegistry,
        tolerance: ErrorTolerance,
        filesOtherTopics: Bool
    ) throws(ConfigurationError) {
        self.init(
            converter: try Self.converter("value.converter", values, plugins.valueConverter),
            key: try Self.converter("key.converter", values, plugins.keyConverter).coder,
            header: try Self.converter("header.converter", values, plugins.headerConverter).coder,
            transforms: try TransformationChain(values, plugins: plugins),
            tolerance: tolerance,
            filesOtherTopics: filesOtherTopics
        )
    }

    private static func converter(
        _ key: String,
        _ values: ConfigurationValues,
        _ plugin: (String) -> Plugin<any Converter>?
    ) throws(ConfigurationError) -> any Converter {
        let name = values.text(key)
        guard let plugin = plugin(name) else { preconditionFailure("no converter is named '\(name)'") }
        return try plugin.make([:])
    }

    /// Converts and transforms `records`. What is set aside is taken out of them and returned; it has to be safe in the
    /// dead letter queue before the records go to the sink.
    ///
    /// - Throws: `permanent`, where a record fails and errors are not tolerated, or where a transform gave a record another
    ///   topic and the sink cannot file it there; the batch is then not to be used.
    package func process(_ records: inout SinkRecords) throws(SinkTaskError) -> [DeadLetter] {
        var letters: [DeadLetter] = []
        records.coders = coders
        let unreadable = converter.convertValues(of: &records)
        try setAside(unreadable, .valueConverter, from: &records, to: &letters)
        for step in transforms.steps {
            let failures = step.apply(to: &records)
            try setAside(failures, .transformation, from: &records, to: &letters)
        }
        if !filesOtherTopics, let index = records.firstIndexWithOtherTopic {
            throw SinkTaskError(
                .permanent,
                """
                a transform gave the record at offset \(records.offsets[index]) the topic \
                '\(records.topic(at: index))', and this connector files a record under the topic that it comes from; \
                take the transform out.
                """,
                partitions: [records.partition]
            )
        }
        return letters
    }

    private func setAside(
        _ failures: [RecordFailure],
        _ stage: ErrorStage,
        from records: inout SinkRecords,
        to letters: inout [DeadLetter]
    ) throws(SinkTaskError) {
        guard let first = failures.first else { return }
        if tolerance == .none {
            throw SinkTaskError(
                .permanent,
                """
                the record at offset \(records.offsets[first.index]) cannot be filed: \(first.message). Set \
                errors.tolerance=all and errors.deadletterqueue.topic.name to set such records aside and go on.
                """,
                partitions: [records.partition]
            )
        }
        letters += failures.map { DeadLetter($0, of: records, stage: stage) }
        records.removeRecords(at: failures.map(\.index), .deadLettered)
    }
}
