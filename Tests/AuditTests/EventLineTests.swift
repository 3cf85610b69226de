import Audit
import Community
import ExactValues
import Testing

@Suite struct EventLineTests {
    @Test(arguments: [
        (#"{"id_utente": "HE_1", "Partner_erogante": "HERA", "reward(tk)": 1.6}"#, "HE_1", 160),
        (#"{"id_utente": "HE_1", "reward(tk)": 2.85}"#, "HE_1", 285),
        (#"{"id_utente": "HE_1", "reward(tk)": 10}"#, "HE_1", 1_000),
        (#"{"id_utente": "X", "reward(tk)": 0.05}"#, "X", 5),
        (#"{"reward(tk)": 1.75, "id_utente": "X"}"#, "X", 175),
        (#"{ "id_utente":"X","reward(tk)":1.50 }"#, "X", 150),
        (#"{"id_utente": "a\"b", "reward(tk)": 1e1}"#, "a\"b", 1_000),
        (#"{"id_utente": "X", "id_utente": "Y", "reward(tk)": 0.30000000000000004}"#, "Y", 30),
        (#"{"id_utente": "X", "Partner_erogante": "\"", "comportamento": "\\", "reward(tk)": 1e1}"#, "X", 1_000),
    ])
    func userAndAmountAreRead(line: String, user: String, hundredths: Int) throws {
        let event = try #require(read(line, .behaviours))
        #expect(event.user.string == user)
        #expect(event.hundredths == hundredths)
    }

    @Test(arguments: [
        "", "{}", "nonsense", #"{"id_utente": "HE_1"}"#, #"{"id_utente": "HE_1", "prezzo(tk)": 5}"#,
        #"{"id_utente": 5, "reward(tk)": 5}"#, #"{"id_utente": "HE_1", "reward(tk)": "5"}"#,
        #"{"id_utente": "HE_1", "x": {"reward(tk)": 5}}"#, #"{"id_utente": "", "reward(tk)": 5}"#,
        #"{"id_utente": "HE_1", "reward(tk)": -1.5}"#, #"{"id_utente": "HE_1", "reward(tk)": 0.125}"#,
        #"{"id_utente": "HE_1", "reward(tk)": null}"#, #"{"id_utente": "HE_1", "reward(tk)": 1e10}"#,
        #"{"id_utente": "HE_1", "reward(tk)": 1.2.3}"#,
    ])
    func otherLinesHaveNone(line: String) {
        #expect(read(line, .behaviours) == nil)
    }

    /// Two ways to read a line that must not differ: as the source writes it, and with other white space.
    @Test(arguments: [
        "1.6", "1.60", "16e-1", "0.125", "-0", "-1", "1e9", "1000000000.01", "1.005", "01", "1.", "\"1\"",
    ])
    func bothWaysReadTheSameAmounts(amount: String) {
        let line = #"{"id_utente": "X", "Partner_erogante": "P", "comportamento": "c", "reward(tk)": \#(amount)}"#
        #expect(read(line, .behaviours) == read(line.replacing(": ", with: ":"), .behaviours))
    }

    @Test func usersDifferByTheirBytes() throws {
        let ids = ["caff\u{E8}", "caffe\u{300}"]
        let users = try ids.map { id in
            try #require(read(#"{"id_utente": "\#(id)", "reward(tk)": 1}"#, .behaviours)).user
        }
        #expect(users[0] != users[1])
        #expect(Set(users).count == 2)
    }

    @Test func everyLineOfTheSourceIsReadAsItWasMeant() throws {
        var generator = CommunityGenerator(CommunityConfiguration(seed: 7, initialSize: 50))
        let encoder = EventEncoder()
        var amounts = 0
        for _ in 0..<2_000 {
            let record = generator.next()
            var key: [UInt8] = []
            var value: [UInt8] = []
            encoder.appendKey(of: record, to: &key)
            guard encoder.appendValue(of: record, key: key, to: &value) else { continue }
            switch record.event {
            case .behaviour(let behaviour, _):
                let line = try #require(value.withUnsafeBytes { EventLine($0, of: .behaviours) })
                #expect(line.hundredths == Int(behaviour.rewardHundredths))
                amounts += 1
            case .prize(let prize, _):
                let line = try #require(value.withUnsafeBytes { EventLine($0, of: .prizes) })
                #expect(line.hundredths == Int(prize.price.tokens) * 100)
                amounts += 1
            default: continue
            }
        }
        #expect(amounts > 100)
    }

    private func read(_ line: String, _ topic: CommunityTopic) -> EventLine? {
        Array(line.utf8).withUnsafeBytes { EventLine($0, of: topic) }
    }
}
