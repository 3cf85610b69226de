import ExactValues
import Foundation
import Testing

@testable import Community

/// Bad records: how many there are, what they look like, and that what they say is what a reader finds in them.
@Suite struct DirtTests {
    private static func configuration(_ shares: [Dirt: Double], seed: UInt64 = 9) throws -> CommunityConfiguration {
        var configuration = CommunityConfiguration(seed: seed, initialSize: 300)
        configuration.dirt = try #require(DirtShares(shares))
        return configuration
    }

    /// A record as it is sent.
    private struct Sent {
        var key: [UInt8] = []
        var value: [UInt8]?

        init(_ record: CommunityRecord, _ encoder: EventEncoder) {
            encoder.appendKey(of: record, to: &key)
            var bytes: [UInt8] = []
            if encoder.appendValue(of: record, key: key, to: &bytes) { value = bytes }
        }

        var text: String { value.map { String(decoding: $0, as: UTF8.self) } ?? "no value" }
    }

    /// Records that are bad in one way.
    private func records(_ kind: Dirt, count: Int = 3_000) throws -> [(record: CommunityRecord, sent: Sent)] {
        var generator = CommunityGenerator(try Self.configuration([kind: 0.5]))
        let encoder = EventEncoder()
        return (0..<count).map { _ in generator.next() }.filter { $0.dirt == kind }.map { ($0, Sent($0, encoder)) }
    }

    @Test(arguments: Dirt.allCases)
    func aKindHasItsShare(_ kind: Dirt) throws {
        let share = 0.03
        var generator = CommunityGenerator(try Self.configuration([kind: share]))
        var bad = 0
        var exposed = 0
        for _ in 0..<300_000 {
            let record = generator.next()
            if record.dirt == kind { bad += 1 }
            // Any record can be a copy of another one.
            let isExposed = kind == .duplicate || record.event.user != nil && kind.befalls(record.topic)
            if isExposed { exposed += 1 }
        }
        let bound = 5 * (share * (1 - share) / Double(exposed)).squareRoot()
        #expect(abs(Double(bad) / Double(exposed) - share) < bound, "\(kind): \(bad) of \(exposed)")
    }

    /// The analyzer's and the audit's reader says the same of each line as the effect that the ground truth counts.
    @Test(arguments: Dirt.allCases)
    func aReaderFindsWhatTheRecordSays(_ kind: Dirt) throws {
        let readers = CommunityTopic.allCases.map { RowReader(fields: $0.fields) }
        let found = try records(kind)
        #expect(found.count > 500)
        for (record, sent) in found {
            let effect = record.effect
            #expect(effect.dirt == kind)
            guard effect.form != .withoutValue else {
                #expect(kind.outcome == .filtered)
                #expect(sent.value == nil || sent.text == "null")
                continue
            }
            let value = try #require(sent.value)
            let reader = try #require(readers[record.topic.index])
            let padded = value + Array(repeating: 0, count: RowReader.padding)
            // Values of a row point into the line.
            let (isRow, user, amount) = padded.withUnsafeBufferPointer { bytes -> (Bool, String?, Int64?) in
                let line = UnsafeBufferPointer(rebasing: bytes.prefix(value.count))
                guard (try? reader.read(line)) != nil else { return (false, nil, nil) }
                let user = (try? reader[0].usableText()).map { String(decoding: $0, as: UTF8.self) }
                return (true, user, record.topic == .users ? nil : try? reader[3].amount().hundredths)
            }
            #expect(isRow == (kind.outcome == .filed), "\(sent.text)")
            #expect((effect.form == .broken) == (kind.outcome == .deadLettered))
            guard isRow else { continue }
            #expect(user == (effect.userNumber > 0 ? record.event.user?.description : nil), "\(sent.text)")
            guard record.topic != .users else { continue }
            if user != nil { #expect(amount ?? 0 == Int64(effect.hundredths), "\(sent.text)") }
            #expect(effect.isUnusable == (user == nil || amount == nil), "\(sent.text)")
        }
    }

    @Test func aMissingFieldIsNotThereAndANullFieldIsNull() throws {
        for (record, sent) in try records(.missingField) {
            let object = try #require(JSONSerialization.jsonObject(with: Data(sent.value ?? [])) as? [String: Any])
            #expect(object.count == record.topic.fieldCount - 1)
        }
        for (record, sent) in try records(.nullField) {
            let object = try #require(JSONSerialization.jsonObject(with: Data(sent.value ?? [])) as? [String: Any])
            #expect(object.count == record.topic.fieldCount)
            #expect(object.values.count { $0 is NSNull } == 1)
        }
    }

    @Test func anUnknownKeyIsOneMore() throws {
        for (record, sent) in try records(.unknownKey) {
            let object = try #require(JSONSerialization.jsonObject(with: Data(sent.value ?? [])) as? [String: Any])
            #expect(object.count == record.topic.fieldCount + 1)
        }
    }

    @Test func brokenValuesAreBeginningsOfWholeOnes() throws {
        for (record, sent) in try records(.brokenJSON) {
            let whole = Sent(CommunityRecord(record.event), EventEncoder()).text
            #expect(whole.hasPrefix(sent.text) && sent.text.count < whole.count && !sent.text.isEmpty)
        }
    }

    @Test func keysAreBadOrAsTheyShouldBe() throws {
        for (_, sent) in try records(.badKey) { #expect(String(validating: sent.key, as: UTF8.self) == nil) }
        for (_, sent) in try records(.nullText) {
            #expect(sent.key == Array("NULL RECORD".utf8))
            #expect(sent.text == "null")
        }
        for (record, sent) in try records(.tombstone) {
            #expect(sent.value == nil)
            #expect(String(decoding: sent.key, as: UTF8.self) == record.event.user?.description)
        }
    }

    @Test func overLongTextsAreLonger() throws {
        for (_, sent) in try records(.longText) {
            #expect((sent.value ?? []).count > RowValue.textBytesMax)
            #expect((sent.value ?? []).count < 5 * RowValue.textBytesMax)
        }
    }

    @Test func aDuplicateIsARecordOfShortlyBefore() throws {
        var generator = CommunityGenerator(try Self.configuration([.duplicate: 0.2]))
        var before: [CommunityEvent] = []
        var found = 0
        for _ in 0..<20_000 {
            let record = generator.next()
            if record.dirt == .duplicate {
                found += 1
                // Duplicates and events without a user stand between.
                #expect(before.suffix(4 * CommunityGenerator.recentMax).contains(record.event))
            }
            before.append(record.event)
        }
        #expect(found > 3_000)
    }

    @Test func lateRecordsAreAsLateAsTheyShouldBe() throws {
        for (record, _) in try records(.late) {
            #expect(CommunityRecord.latenessMilliseconds.contains(record.latenessMilliseconds))
        }
        for (record, _) in try records(.outOfOrder) {
            #expect(CommunityRecord.disorderMilliseconds.contains(record.latenessMilliseconds))
        }
        #expect(try records(.unknownKey).allSatisfy { $0.record.latenessMilliseconds == 0 })
    }

    /// Whoever adds up the lines never finds that somebody spent what was not earned.
    @Test(
        arguments: [
            [:], DirtShares.realistic, [.duplicate: 1], [.duplicate: 0.6, .missingField: 0.2],
            Dictionary(uniqueKeysWithValues: Dirt.allCases.map { ($0, 1.0 / 14) }),
        ] as [[Dirt: Double]]
    )
    func noBalanceIsEverBelowZero(_ shares: [Dirt: Double]) throws {
        for size in [0, 1, 50] {
            var configuration = try Self.configuration(shares)
            configuration.initialSize = size
            configuration.skew = .heavy
            configuration.personas = 5
            configuration.churn = 0.8
            var generator = CommunityGenerator(configuration)
            var balances: [UInt32: Int] = [:]
            for _ in 0..<60_000 {
                let effect = generator.next().effect
                balances[effect.userNumber, default: 0] +=
                    Int(effect.earnedHundredths) - Int(effect.spentHundredths)
                #expect(balances[effect.userNumber, default: 0] >= 0)
            }
            for (index, account) in generator.accounts.all.enumerated() {
                #expect(balances[UInt32(index + 1), default: 0] == Int(account.balanceHundredths))
            }
        }
    }

    /// Which records are bad has random numbers of its own.
    @Test func theEventsStayTheSame() throws {
        var clean = CommunityGenerator(CommunityConfiguration(seed: 9, initialSize: 300))
        var dirty = CommunityGenerator(try Self.configuration([.unknownKey: 0.5, .late: 0.5]))
        #expect((0..<20_000).allSatisfy { _ in clean.next().event == dirty.next().event })
    }

    @Test func sharesAreRead() throws {
        #expect(try DirtShares(text: "late=0.02,null-text=5%").shares == [.late: 0.02, .nullText: 0.05])
        #expect(try DirtShares(text: "realistic").shares == DirtShares.realistic)
        #expect(try DirtShares(text: "realistic,late=0").shares[.late] == nil)
        #expect(try DirtShares(text: "bad-key=1").shares == [.badKey: 1])
        #expect(try DirtShares(text: "late=0.5,duplicate=50%").text == "duplicate=0.5,late=0.5")
        #expect(DirtShares([:]) == DirtShares.none)
    }

    @Test(arguments: [
        ("", "there is no kind ''"), ("lat=0.1", "did you mean 'late'"), ("late", "late needs a share"),
        ("late=", "late needs a share"), ("late=2", "late needs a share"), ("late=-1", "late needs a share"),
        ("late=nan", "late needs a share"), ("late=1e-3", "late needs a share"), ("late=101%", "late needs a share"),
        ("late=0.6,duplicate=0.6", "more than 1"), ("late=0.1,", "there is no kind ''"),
        ("\u{1B}[31m=1", "there is no kind '\\u{1b}[31m'"),
    ])
    func sharesThatAreNoneAreExplained(_ text: String, _ words: String) {
        let problem = #expect(throws: DirtShares.Problem.self) { try DirtShares(text: text) }
        #expect(problem?.description.contains(words) == true, "\(String(describing: problem))")
    }

    @Test func everyKindHasANameOfItsOwn() {
        #expect(Set(Dirt.allCases.map(\.name)).count == Dirt.allCases.count)
        #expect(Dirt.allCases.allSatisfy { Dirt(name: $0.name) == $0 })
        #expect(DirtShares(DirtShares.realistic) != nil)
        #expect(Dirt.allCases.allSatisfy { DirtShares.realistic[$0] != nil })
    }
}
