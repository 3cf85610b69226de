package import Analysis
import Community
package import Storage

/// Reads a raw zone and gives all its numbers.
///
/// Files are streamed and only sums per user are kept, so memory follows the number of users, not of events.
///
/// A line is left out only if it is unusable: it is not one JSON object, has no `id_utente`, or is an event without an
/// amount. Lines that are left out are counted by cause, and the first of them named. A row whose partner, behaviour,
/// prize, sex, age or province is missing, null, empty, of another type or impossible counts, with that field unknown;
/// such rows are counted by cause too. A missing topic is reported in the notices. A file that cannot be read is an
/// error: a partial analysis would be taken for a complete one.
package struct Analyzer: AnalysisEngine {
    /// Where the raw zone lies below a storage root, unless told otherwise.
    package static let defaultTopicsDirectory = "HeraSDG/raw_data"

    private let storage: any FileSystem
    private let topicsDirectory: String

    /// - Parameters:
    ///   - storage: the storage, a local directory or another.
    ///   - topicsDirectory: `topics.dir` of the sink, below the storage's root.
    package init(storage: any FileSystem, topicsDirectory: String = defaultTopicsDirectory) {
        self.storage = storage
        self.topicsDirectory = topicsDirectory
    }

    /// Analyses the raw zone `<storage>/<topicsDirectory>`.
    ///
    /// - Parameter onProgress: called with how much of a stage is done, after every piece of a file and from any task.
    /// - Throws: where there is no raw zone, nothing in it, a file cannot be read, or an option makes no sense.
    package func analyze(
        _ options: AnalysisOptions = AnalysisOptions(),
        onProgress: @escaping @Sendable (AnalysisProgress) -> Void = { _ in }
    ) async throws(AnalysisError) -> AnalysisResult {
        let (analysis, features, segmentOfUser) = try await analyzeTable(options, onProgress: onProgress)
        return AnalysisResult(analysis: analysis, users: features.rows(segmentOfUser: segmentOfUser))
    }

    /// Analyses the raw zone and gives the table of all users with it, and the number of each user's segment.
    func analyzeTable(
        _ options: AnalysisOptions = AnalysisOptions(),
        onProgress: @escaping @Sendable (AnalysisProgress) -> Void = { _ in }
    ) async throws(AnalysisError) -> (analysis: Analysis, features: FeatureTable, segmentOfUser: [Int32]) {
        try options.validate()
        let directory: StoragePath
        do {
            directory = try StoragePath(topicsDirectory)
        } catch {
            throw .badOption("the topics directory '\(topicsDirectory)' is not a path below the storage (\(error))")
        }
        let zone = try await RawZone(storage: storage, directory: directory)
        var (analysis, table) = try await readTable(zone, options, onProgress)
        let segments = try await Segmenter(table: table, options: options, onProgress: onProgress).run()
        analysis.segmentation = segments?.segmentation
        return (analysis, table, segments?.segmentOfUser ?? Array(repeating: 0, count: table.count))
    }

    /// Reads all files into the table of users, and sums up all but the segments. What was read beside the table is gone
    /// when it returns: the search for segments needs memory of its own.
    private func readTable(
        _ zone: RawZone,
        _ options: AnalysisOptions,
        _ onProgress: @escaping @Sendable (AnalysisProgress) -> Void
    ) async throws(AnalysisError) -> (analysis: Analysis, features: FeatureTable) {
        let (scan, foldedPartners) = try await Self.scan(zone, workers: options.workers, onProgress)
        guard scan.files.contains(where: { $0.rows > 0 }) else {
            throw .nothingFiled(zone.directory.description, badLines: scan.files.reduce(0) { $0 + $1.badLines })
        }
        let table = FeatureTable(scan)
        let summary = ZoneSummary(
            zone: zone,
            scan: scan,
            table: table,
            foldedPartners: foldedPartners
        )
        let analysis = Analysis(
            seed: options.seed,
            input: summary.input,
            population: summary.population,
            timeline: summary.timeline,
            partners: summary.partners,
            kinds: summary.kinds.totals,
            topUsers: summary.topUsers(options.topUsers),
            ages: summary.ages,
            sexes: summary.sexes.counts,
            provinces: summary.provinces.counts,
            segmentation: nil
        )
        return (analysis, table)
    }

    /// Reads all files; where there are more partners than the feature table has columns for, three times.
    ///
    /// - Returns: what was read, and the partners that were folded into one.
    private static func scan(
        _ zone: RawZone,
        workers: Int,
        _ onProgress: @escaping @Sendable (AnalysisProgress) -> Void
    ) async throws(AnalysisError) -> (scan: ZoneScan, folded: Fold?) {
        let progress = StageProgress(.reading, total: zone.files.reduce(0) { $0 + $1.bytes }, onProgress)
        let scan = try await scan(zone, workers: workers, keeping: nil, progress)
        guard scan.hasTooManyPartners else { return (scan, nil) }
        let events = zone.files.filter { $0.topic != .utenti }
        let counting = StageProgress(.countingPartners, total: events.reduce(0) { $0 + $1.bytes }, onProgress)
        let (kept, folded) = try await countPartners(events, of: zone.storage, workers: workers, counting)
            .choice(of: Limits.partnersMax)
        let readingAgain = StageProgress(.readingAgain, total: zone.files.reduce(0) { $0 + $1.bytes }, onProgress)
        return (
            try await Self.scan(zone, workers: workers, keeping: kept, readingAgain),
            Fold(field: "Partner_erogante", values: folded.values, rows: folded.rows)
        )
    }

    private static func scan(
        _ zone: RawZone,
        workers: Int,
        keeping partners: [String]?,
        _ progress: StageProgress
    ) async throws(AnalysisError) -> ZoneScan {
        let parts = try await Workers.run(workers, pieces: zone.files.count) { pieces throws(AnalysisError) in
            let readers = try Readers(progress)
            var scan = ZoneScan(keeping: partners)
            while let index = pieces.next() {
                let file = zone.files[index]
                try await scan.scan(file, of: zone.storage, index: index, readers)
                if scan.hasTooManyPartners { pieces.stop() }
            }
            return scan
        }
        var whole = parts.first ?? ZoneScan()
        for part in parts.dropFirst() { try whole.absorb(part) }
        return whole
    }

    private static func countPartners(
        _ files: [RawZoneFile],
        of storage: any FileSystem,
        workers: Int,
        _ progress: StageProgress
    ) async throws(AnalysisError) -> PartnerCount {
        let parts = try await Workers.run(workers, pieces: files.count) { pieces throws(AnalysisError) in
            let readers = try Readers(progress)
            var count = PartnerCount()
            while let index = pieces.next() {
                let file = files[index]
                try await count.scan(file, of: storage, readers)
            }
            return count
        }
        var whole = PartnerCount()
        for part in parts { whole.absorb(part) }
        return whole
    }
}
