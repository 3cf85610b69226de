package import Storage

/// Reads a raw zone and gives all its numbers.
///
/// Files are streamed and only sums per user are kept, so memory follows the number of users, not of events. Bad lines
/// are left out, counted, and the first of them named; a missing topic is said in the notices. A file that cannot be
/// read is an error: an analysis of a part would pass for one of the whole.
package enum Analyzer {
    /// Where the raw zone lies below a storage root, unless told otherwise.
    package static let defaultTopicsDirectory = "HeraSDG/raw_data"

    /// Analyses the raw zone `<storage>/<topicsDirectory>`.
    ///
    /// - Parameters:
    ///   - storage: the storage, a local directory or another.
    ///   - topicsDirectory: `topics.dir` of the sink, below the storage's root.
    /// - Throws: where there is no raw zone, nothing in it, a file cannot be read, or an option makes no sense.
    package static func analyze(
        storage: any FileSystem,
        topicsDirectory: String = defaultTopicsDirectory,
        options: AnalysisOptions = AnalysisOptions()
    ) async throws(AnalyzerError) -> AnalysisResult {
        try options.validate()
        let directory: StoragePath
        do {
            directory = try StoragePath(topicsDirectory)
        } catch {
            throw .badOption("the topics directory '\(topicsDirectory)' is no path below the storage (\(error))")
        }
        let zone = try await RawZone(storage: storage, directory: directory)
        let scan = try await scan(zone, workers: options.workers)
        guard scan.files.contains(where: { $0.rows > 0 }) else {
            throw .nothingFiled(directory.description, badLines: scan.files.reduce(0) { $0 + $1.badLines })
        }
        let table = FeatureTable(scan)
        let segments = try await Segmenter(table: table, options: options).run()
        let summary = ZoneSummary(zone: zone, topicsDirectory: directory.string, scan: scan, table: table)
        let analysis = Analysis(
            seed: options.seed,
            input: summary.input,
            population: summary.population,
            timeline: summary.timeline,
            partners: summary.partners,
            kinds: summary.kinds,
            topUsers: summary.topUsers(options.topUsers),
            ages: summary.ages,
            sexes: summary.sexes,
            provinces: summary.provinces,
            segmentation: segments?.segmentation
        )
        return AnalysisResult(
            analysis: analysis,
            features: table,
            segmentOfUser: segments?.segmentOfUser ?? Array(repeating: 0, count: table.count)
        )
    }

    private static func scan(_ zone: RawZone, workers: Int) async throws(AnalyzerError) -> ZoneScan {
        let parts = try await Workers.run(workers, pieces: zone.files.count) { pieces throws(AnalyzerError) in
            var readers: [RawZoneTopic: RowReader] = [:]
            for topic in RawZoneTopic.allCases { readers[topic] = try RowReader(fields: topic.fields) }
            let lines = LineSplitter()
            var scan = ZoneScan()
            while let index = pieces.next() {
                let file = zone.files[index]
                guard let reader = readers[file.topic] else { continue }
                try await scan.scan(file, of: zone.storage, index: index, lines: lines, reader: reader)
            }
            return scan
        }
        var whole = ZoneScan()
        for (index, part) in parts.enumerated() {
            if index == 0 { whole = part } else { try whole.absorb(part) }
        }
        return whole
    }
}
