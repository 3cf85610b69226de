import Analysis
import Community
import ExactValues
import Storage

/// What one worker gathers while it reads files: sums per user and partner, never the rows themselves.
///
/// All sums are of integers, so the order in which files are read, and by whom, changes nothing.
struct ZoneScan: Sendable {
    /// A line that was left out, by topic and cause.
    struct BadCause: Hashable, Sendable {
        let topic: RawZoneTopic
        let reason: String
    }

    /// A row that counts although a field tells nothing.
    struct UnknownCause: Hashable, Sendable {
        let topic: RawZoneTopic
        /// Its place among the topic's fields.
        let field: Int
        let problem: FieldProblem
    }

    var users = StringTable()
    var records: [UserRecord?] = []
    /// The partners that have columns; ``CategoryName/unknown`` and ``CategoryName/other`` are among them where rows
    /// belong there.
    var partners = StringTable()
    var partnerScans: [PartnerScan] = []
    var sexes = StringTable()
    var provinces = StringTable()
    var kinds = StringTable()
    var kindTotals: [KindKey: EventTotals] = [:]
    var files: [FileScan] = []
    /// Rows of `utenti`, those that another row of the same user replaces included.
    var userRows = 0
    /// The first bad lines, with the place of their file.
    var badLines: [(file: Int, line: BadLine)] = []
    var badCauses: [BadCause: Int] = [:]
    var unknownCauses: [UnknownCause: Int] = [:]
    /// Partners beyond those that there are from the beginning have no columns of their own.
    private let foldsPartners: Bool
    /// There are more partners than there is room for: what was gathered is a part, see ``PartnerCount``.
    var hasTooManyPartners = false

    /// - Parameter partners: those that have columns, all others being folded into one; `nil`: all have.
    init(keeping partners: [String]? = nil) {
        foldsPartners = partners != nil
        for partner in partners ?? [] { _ = self.partners.intern(partner) }
        partnerScans = Array(repeating: PartnerScan(), count: self.partners.count)
    }

    /// Reads one file.
    ///
    /// - Parameter index: the file's place among all files.
    mutating func scan(
        _ file: RawZoneFile,
        of storage: any FileSystem,
        index: Int,
        lines: LineSplitter,
        reader: RowReader
    ) async throws(AnalysisError) {
        var result = FileScan(index: index)
        result.bytes = try await lines.read(file, of: storage) { (line, number) throws(AnalysisError) in
            try take(line, number, file, reader, &result)
        }
        files.append(result)
    }

    /// Takes the row of a line, or notes why it is bad.
    private mutating func take(
        _ line: LineSplitter.Line,
        _ number: Int,
        _ file: RawZoneFile,
        _ reader: RowReader,
        _ result: inout FileScan
    ) throws(AnalysisError) {
        do throws(RowRefusal) {
            try reader.read(line)
            switch file.topic {
            case .utenti: try addUser(reader, place: UInt64(result.index) << 40 | UInt64(number))
            case .comportamenti, .premi: try addEvent(reader, file.topic)
            }
            result.rows += 1
        } catch {
            guard case .line(let reason) = error else { throw .tooManyUsers }
            result.badLines += 1
            badCauses[BadCause(topic: file.topic, reason: reason), default: 0] += 1
            if badLines.count < Limits.badLinesNamed {
                badLines.append((result.index, BadLine(file: file.relativePath, line: number, reason: reason)))
            }
        }
    }

    private mutating func addUser(_ reader: RowReader, place: UInt64) throws(RowRefusal) {
        let id = try reader.user()
        let sex = text(reader, .utenti, 1).map { sexes.intern($0) } ?? UserRecord.unknown
        let age: Int16
        do {
            age = try reader[2].age()
        } catch {
            unknownCauses[UnknownCause(topic: .utenti, field: 2, problem: error), default: 0] += 1
            age = Int16(UserRecord.unknown)
        }
        let province = text(reader, .utenti, 3).map { provinces.intern($0) } ?? UserRecord.unknown
        let user = try number(ofUser: id)
        replace(user, UserRecord(sex: Int32(sex), age: age, province: Int32(province), place: place))
        userRows += 1
    }

    private mutating func addEvent(_ reader: RowReader, _ topic: RawZoneTopic) throws(RowRefusal) {
        let id = try reader.user()
        let amount = try reader.amount(of: topic)
        guard let partner = number(ofPartner: text(reader, topic, 1)) else { return }
        let name = text(reader, topic, 2).map { kinds.intern($0) } ?? kinds.intern(CategoryName.unknown)
        let user = try number(ofUser: id)
        if topic == .comportamenti {
            partnerScans[partner].addBehaviours(1, earning: amount.hundredths, user: user)
        } else {
            partnerScans[partner].addPrizes(1, spending: amount.hundredths, user: user)
        }
        kindTotals[KindKey(topic: topic, partner: partner, name: name), default: .zero].add(
            EventTotals(count: 1, amount: amount)
        )
    }

    /// A text field; `nil` where it tells nothing, which is noted.
    private mutating func text(_ reader: RowReader, _ topic: RawZoneTopic, _ field: Int) -> UnsafeRawBufferPointer? {
        do {
            return try reader[field].usableText()
        } catch {
            unknownCauses[UnknownCause(topic: topic, field: field, problem: error), default: 0] += 1
            return nil
        }
    }

    /// The number of a partner, with columns; `nil` where there is no room for one more.
    private mutating func number(ofPartner name: UnsafeRawBufferPointer?) -> Int? {
        let number: Int
        if let name {
            number =
                foldsPartners
                ? partners.number(of: name) ?? partners.intern(CategoryName.other) : partners.intern(name)
        } else {
            number = partners.intern(CategoryName.unknown)
        }
        if number == partnerScans.count {
            partnerScans.append(PartnerScan())
            if isPartnersFull { hasTooManyPartners = true }
        }
        return hasTooManyPartners ? nil : number
    }

    /// Whether one partner too many has columns.
    var isPartnersFull: Bool {
        partners.count > Limits.partnersMax
            && (0..<partners.count).count { !CategoryName.isReserved(partners[$0]) } > Limits.partnersMax
    }

    /// The number of a user, with room in the columns.
    mutating func number(ofUser id: UnsafeRawBufferPointer) throws(RowRefusal) -> Int {
        let user = users.intern(id)
        if user == records.count {
            guard user < Limits.usersMax else { throw .tooManyUsers }
            records.append(nil)
        }
        return user
    }

    /// The later row of a user wins.
    mutating func replace(_ user: Int, _ record: UserRecord) {
        if let known = records[user], known.place > record.place { return }
        records[user] = record
    }
}
