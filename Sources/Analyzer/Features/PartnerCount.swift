import Analysis
import Community
import Storage

/// Counts the events of each partner. Only where there are more partners than the feature table has columns for: then
/// the files are read once more with the most frequent partners alone, the others folded into ``CategoryName/other``.
struct PartnerCount: Sendable {
    private var partners = StringTable()
    private var events: [Int] = []

    /// Counts the events of a file that have a partner and that the analysis takes.
    mutating func scan(
        _ file: RawZoneFile,
        of storage: any FileSystem,
        _ readers: Readers
    ) async throws(AnalysisError) {
        let reader = readers[file.topic]
        _ = try await readers.lines.read(file, of: storage, onBytes: readers.onBytes) {
            (line, _) throws(AnalysisError) in
            guard (try? reader.read(line)) != nil, (try? reader.user()) != nil,
                (try? reader.amount()) != nil, let name = try? reader[1].usableText()
            else { return }
            add(1, partners.intern(name))
        }
    }

    mutating func absorb(_ other: PartnerCount) {
        let numbers = partners.intern(all: other.partners)
        for (number, count) in zip(numbers, other.events) { add(count, number) }
    }

    private mutating func add(_ count: Int, _ partner: Int) {
        if partner >= events.count { events.append(0) }
        events[partner] += count
    }

    /// The partners with most events, of equals the first by name; and how many others there are, with their events.
    func choice(of count: Int) -> (kept: [String], folded: (values: Int, rows: Int)) {
        let named = partners.sortedNumbers().filter { !CategoryName.isReserved(partners[$0]) }
        let ranks = named.indices.sorted { (events[named[$1]], $0) < (events[named[$0]], $1) }
        let rest = ranks.dropFirst(count)
        return (
            ranks.prefix(count).map { partners[named[$0]] },
            (rest.count, rest.reduce(0) { $0 + events[named[$1]] })
        )
    }
}
