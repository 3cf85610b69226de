package import ConnectAPI

/// What every batch goes through between consumer and sink: converter, then transforms, and the tolerance of errors
/// at each of these stages. Belongs to one runner at a time.
package struct RecordPipeline {
    private let converter: any Converter
    private let transforms: TransformationChain
    private let tolerance: ErrorTolerance

    package init(converter: any Converter, transforms: TransformationChain, tolerance: ErrorTolerance) {
        self.converter = converter
        self.transforms = transforms
        self.tolerance = tolerance
    }

    /// The converter and transforms that `values` names.
    ///
    /// - Throws: what is wrong with their settings beyond single values.
    init(
        _ values: ConfigurationValues,
        plugins: PluginRegistry,
        tolerance: ErrorTolerance
    ) throws(ConfigurationError) {
        let name = values.text("value.converter")
        guard let plugin = plugins.valueConverter(named: name) else {
            preconditionFailure("no converter is named '\(name)'")
        }
        converter = try plugin.make([:])
        transforms = try TransformationChain(values, plugins: plugins)
        self.tolerance = tolerance
    }

    /// Converts and transforms `records`. What is set aside is taken out of them and returned; it has to be safe in the
    /// dead letter queue before the records go to the sink.
    ///
    /// - Throws: `permanent`, where a record fails and errors are not tolerated; the batch is then not to be used.
    package func process(_ records: inout SinkRecords) throws(SinkTaskError) -> [DeadLetter] {
        var letters: [DeadLetter] = []
        let unreadable = converter.convertValues(of: &records)
        try setAside(unreadable, .valueConverter, from: &records, to: &letters)
        for step in transforms.steps {
            let failures = step.apply(to: &records)
            try setAside(failures, .transformation, from: &records, to: &letters)
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
