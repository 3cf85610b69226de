import Storage

/// What one worker gathers while it reads files: sums per user and partner, never the rows themselves.
///
/// All sums are of integers, so the order in which files are read, and by whom, changes nothing.
struct ZoneScan: Sendable {
    var users = StringTable()
    var records: [UserRecord?] = []
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

    /// Reads one file.
    ///
    /// - Parameter index: the file's place among all files.
    mutating func scan(
        _ file: RawZoneFile,
        of storage: any FileSystem,
        index: Int,
        lines: LineSplitter,
        reader: RowReader
    ) async throws(AnalyzerError) {
        var result = FileScan(index: index)
        lines.start()
        while true {
            let piece: [UInt8]
            do {
                piece = try await storage.read(file.path, from: Int64(result.bytes), count: lines.room)
            } catch {
                throw .unreadable(file.path.description, error)
            }
            if piece.isEmpty { break }
            result.bytes += piece.count
            try lines.receive(piece) { (line, number) throws(AnalyzerError) in
                try take(line, number, file, reader, &result)
            }
        }
        try lines.end { (line, number) throws(AnalyzerError) in try take(line, number, file, reader, &result) }
        files.append(result)
    }

    /// Takes the row of a line, or notes why it is bad.
    private mutating func take(
        _ line: LineSplitter.Line,
        _ number: Int,
        _ file: RawZoneFile,
        _ reader: RowReader,
        _ result: inout FileScan
    ) throws(AnalyzerError) {
        let place = UInt64(result.index) << 40 | UInt64(number)
        guard let problem = try read(line, file.topic, reader, place: place) else {
            result.rows += 1
            return
        }
        result.badLines += 1
        if badLines.count < Limits.badLinesNamed {
            badLines.append((result.index, BadLine(file: file.relativePath, line: number, reason: problem)))
        }
    }

    /// Reads a line and takes its row.
    ///
    /// - Returns: why it does not count, or `nil`.
    private mutating func read(
        _ line: LineSplitter.Line,
        _ topic: RawZoneTopic,
        _ reader: RowReader,
        place: UInt64
    ) throws(AnalyzerError) -> String? {
        switch line {
        case .tooLong: return "longer than \(Limits.lineBytesMax) bytes"
        case .bytes(let bytes):
            if let problem = reader.read(bytes) { return problem }
            return try add(reader, topic, place: place)
        }
    }

    private mutating func add(
        _ reader: RowReader,
        _ topic: RawZoneTopic,
        place: UInt64
    ) throws(AnalyzerError) -> String? {
        for (index, field) in topic.fields.enumerated() where field.kind == .text {
            if reader.text(index).count > Limits.textBytesMax {
                return "\(field.name) is longer than \(Limits.textBytesMax) bytes"
            }
        }
        if reader.text(0).isEmpty { return "id_utente is empty" }
        switch topic {
        case .utenti: return try addUser(reader, place: place)
        case .comportamenti, .premi: return try addEvent(reader, topic)
        }
    }

    private mutating func addUser(_ reader: RowReader, place: UInt64) throws(AnalyzerError) -> String? {
        let age = reader.number(2)
        guard (0...Limits.ageMax).contains(age) else { return "Eta is not from 0 to \(Limits.ageMax)" }
        let sex = try Self.category(.sexes, reader.text(1), in: &sexes)
        let province = try Self.category(.provinces, reader.text(3), in: &provinces)
        let user = try number(ofUser: reader.text(0))
        replace(
            user,
            UserRecord(sex: Int32(sex), age: Int16(age), province: Int32(province), place: place)
        )
        userRows += 1
        return nil
    }

    private mutating func addEvent(_ reader: RowReader, _ topic: RawZoneTopic) throws(AnalyzerError) -> String? {
        let amount = reader.number(3)
        guard (0...Limits.amountMax).contains(amount) else {
            return "\(topic.fields[3].name) is not from 0 to \(Limits.amountMax / 100) tk"
        }
        let partner = try Self.category(.partners, reader.text(1), in: &partners)
        while partnerScans.count < partners.count { partnerScans.append(PartnerScan()) }
        let name = try Self.category(.kinds, reader.text(2), in: &kinds)
        let user = try number(ofUser: reader.text(0))
        if topic == .comportamenti {
            partnerScans[partner].addBehaviours(1, earning: amount, user: user)
        } else {
            partnerScans[partner].addPrizes(1, spending: amount, user: user)
        }
        kindTotals[KindKey(topic: topic, partner: partner, name: name), default: .zero].add(
            EventTotals(count: 1, amount: TokenAmount(hundredths: amount))
        )
        return nil
    }

    /// The number of a user, with room in the columns.
    mutating func number(ofUser id: UnsafeRawBufferPointer) throws(AnalyzerError) -> Int {
        let user = users.intern(id)
        if user == records.count {
            try Category.users.check(users)
            records.append(nil)
        }
        return user
    }

    /// The later row of a user wins.
    mutating func replace(_ user: Int, _ record: UserRecord) {
        if let known = records[user], known.place > record.place { return }
        records[user] = record
    }

    /// The number of a value that has few different ones.
    private static func category(
        _ category: Category,
        _ text: UnsafeRawBufferPointer,
        in table: inout StringTable
    ) throws(AnalyzerError) -> Int {
        let number = table.intern(text)
        try category.check(table)
        return number
    }
}
