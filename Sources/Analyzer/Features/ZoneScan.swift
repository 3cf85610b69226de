import Analysis
import Community
import ExactValues
import Storage

/// What one worker sums up while it reads files: totals per user and partner, never the rows themselves.
///
/// All sums are of integers, so the result does not depend on which worker reads which file, and when.
struct ZoneScan: Sendable {
    /// A line that was left out, by topic and cause.
    struct BadCause: Hashable, Sendable {
        let topic: RawZoneTopic
        let reason: String
    }

    /// A row that counts although a field is unusable.
    struct UnknownCause: Hashable, Sendable {
        let topic: RawZoneTopic
        /// Its place among the topic's fields.
        let field: Int
        let problem: FieldProblem
    }

    private(set) var users = StringTable()
    private(set) var records: [UserRecord?] = []
    /// The partners that have columns; ``CategoryName/unknown`` and ``CategoryName/other`` are among them where rows
    /// belong there.
    private(set) var partners = StringTable()
    private(set) var partnerScans: [PartnerScan] = []
    private(set) var sexes = StringTable()
    private(set) var provinces = StringTable()
    private(set) var kinds = StringTable()
    private(set) var kindTotals: [KindKey: EventTotals] = [:]
    private(set) var files: [FileScan] = []
    /// Rows of `utenti`, those that another row of the same user replaces included.
    private(set) var userRows = 0
    /// The first bad lines, with the place of their file.
    private var badLines: [(file: Int, line: BadLine)] = []
    private(set) var badCauses: [BadCause: Int] = [:]
    private(set) var unknownCauses: [UnknownCause: Int] = [:]
    /// Partners beyond those that there are from the beginning have no columns of their own.
    private let foldsPartners: Bool
    /// There are more partners than there is room for: the sums are incomplete, see ``PartnerCount``.
    private(set) var hasTooManyPartners = false

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
        _ readers: Readers
    ) async throws(AnalysisError) {
        var result = FileScan(index: index)
        let reader = readers[file.topic]
        result.bytes = try await readers.lines.read(file, of: storage, onBytes: readers.onBytes) {
            (line, number) throws(AnalysisError) in
            try take(line, number, file, reader, &result)
        }
        files.append(result)
    }

    /// Takes the row of a line, or notes why it is bad.
    private mutating func take(
        _ line: LineScanner.Line,
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
        let amount = try reader.amount()
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

    /// A text field; `nil` if it is unusable, which is counted.
    private mutating func text(_ reader: RowReader, _ topic: RawZoneTopic, _ field: Int) -> UnsafeRawBufferPointer? {
        do {
            return try reader[field].usableText()
        } catch {
            unknownCauses[UnknownCause(topic: topic, field: field, problem: error), default: 0] += 1
            return nil
        }
    }

    /// The number of a partner, with columns; `nil` if there is no room for another.
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
    private var isPartnersFull: Bool {
        partners.count > Limits.partnersMax
            && (0..<partners.count).count { !CategoryName.isReserved(partners[$0]) } > Limits.partnersMax
    }

    /// The number of a user, with room in the columns.
    private mutating func number(ofUser id: UnsafeRawBufferPointer) throws(RowRefusal) -> Int {
        let user = users.intern(id)
        if user == records.count {
            guard user < Limits.usersMax else { throw .tooManyUsers }
            records.append(nil)
        }
        return user
    }

    /// The later row of a user wins.
    private mutating func replace(_ user: Int, _ record: UserRecord) {
        if let known = records[user], known.place > record.place { return }
        records[user] = record
    }
}

extension ZoneScan {
    /// Adds the sums of another worker.
    mutating func absorb(_ other: ZoneScan) throws(AnalysisError) {
        let newUsers = users.intern(all: other.users)
        guard users.count <= Limits.usersMax else { throw .tooManyUsers }
        records.append(contentsOf: repeatElement(nil, count: users.count - records.count))
        let newSexes = sexes.intern(all: other.sexes)
        let newProvinces = provinces.intern(all: other.provinces)
        for (user, record) in other.records.enumerated() {
            guard let record else { continue }
            let translated = UserRecord(
                sex: record.sex < 0 ? record.sex : Int32(newSexes[Int(record.sex)]),
                age: record.age,
                province: record.province < 0 ? record.province : Int32(newProvinces[Int(record.province)]),
                place: record.place
            )
            replace(newUsers[user], translated)
        }
        userRows += other.userRows
        absorbEvents(of: other, newUsers: newUsers)
        files.append(contentsOf: other.files)
        badLines.append(contentsOf: other.badLines)
        badCauses.merge(other.badCauses, uniquingKeysWith: +)
        unknownCauses.merge(other.unknownCauses, uniquingKeysWith: +)
    }

    private mutating func absorbEvents(of other: ZoneScan, newUsers: [Int]) {
        let newPartners = partners.intern(all: other.partners)
        hasTooManyPartners = hasTooManyPartners || other.hasTooManyPartners || isPartnersFull
        let newKinds = kinds.intern(all: other.kinds)
        while partnerScans.count < partners.count { partnerScans.append(PartnerScan()) }
        for (partner, scan) in other.partnerScans.enumerated() {
            let target = newPartners[partner]
            for (user, count) in scan.behaviours.enumerated() where count > 0 {
                partnerScans[target].addBehaviours(count, earning: scan.earned[user], user: newUsers[user])
            }
            for (user, count) in scan.prizes.enumerated() where count > 0 {
                partnerScans[target].addPrizes(count, spending: scan.spent[user], user: newUsers[user])
            }
        }
        for (key, totals) in other.kindTotals {
            let translated = KindKey(topic: key.topic, partner: newPartners[key.partner], name: newKinds[key.name])
            kindTotals[translated, default: .zero].add(totals)
        }
    }

    /// The first bad lines of all, in the order of files and lines.
    func firstBadLines() -> [BadLine] {
        badLines.sorted { ($0.file, $0.line.line) < ($1.file, $1.line.line) }
            .prefix(Limits.badLinesNamed).map(\.line)
    }
}

/// What was read of one file.
struct FileScan: Sendable {
    /// Its place among the raw zone's files.
    let index: Int
    var bytes = 0
    /// Rows that count.
    var rows = 0
    /// Lines that were left out.
    var badLines = 0
}

/// A behaviour or prize of a partner, by the numbers of their names.
struct KindKey: Hashable, Sendable {
    let topic: RawZoneTopic
    let partner: Int
    let name: Int
}

/// What a row of `utenti` says of a user; ``unknown`` stands for an unusable field.
struct UserRecord: Sendable {
    static let unknown = -1

    let sex: Int32
    let age: Int16
    let province: Int32
    /// File and line that it stands in, so that of several rows the same one wins, no matter which worker read it.
    let place: UInt64
}

/// What each user earned and spent with one partner, while files are read. Columns reach as far as the last user that
/// has an entry; beyond is zero.
struct PartnerScan: Sendable {
    /// Rewards in hundredths, and how many.
    private(set) var earned: [Int64] = []
    private(set) var behaviours: [Int32] = []
    /// Prices in hundredths, and how many.
    private(set) var spent: [Int64] = []
    private(set) var prizes: [Int32] = []

    mutating func addBehaviours(_ count: Int32, earning amount: Int64, user: Int) {
        Self.reach(user, &earned, &behaviours)
        earned[user] += amount
        behaviours[user] += count
    }

    mutating func addPrizes(_ count: Int32, spending amount: Int64, user: Int) {
        Self.reach(user, &spent, &prizes)
        spent[user] += amount
        prizes[user] += count
    }

    private static func reach(_ user: Int, _ amounts: inout [Int64], _ counts: inout [Int32]) {
        guard user >= amounts.count else { return }
        let missing = user + 1 - amounts.count
        amounts.append(contentsOf: repeatElement(0, count: missing))
        counts.append(contentsOf: repeatElement(0, count: missing))
    }
}
