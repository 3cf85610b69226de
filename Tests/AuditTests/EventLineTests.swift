import Audit
import Community
import Testing

@Suite struct EventLineTests {
    @Test(arguments: [
        (#"{"id_utente": "HE_1", "Partner_erogante": "HERA", "reward(tk)": 1.6}"#, "HE_1", 160),
        (#"{"id_utente": "HE_1", "reward(tk)": 2.85}"#, "HE_1", 285),
        (#"{"id_utente": "HE_1", "reward(tk)": 10}"#, "HE_1", 1_000),
        (#"{"id_utente": "", "reward(tk)": 0.05}"#, "", 5),
        (#"{"reward(tk)": 1.75, "id_utente": "X"}"#, "X", 175),
        (#"{ "id_utente":"X","reward(tk)":-1.5 }"#, "X", -150),
        (#"{"id_utente": "a\"b", "reward(tk)": 1e1}"#, "a\"b", 1_000),
        (#"{"id_utente": "X", "reward(tk)": 0.125}"#, "X", 13),
    ])
    func userAndAmountAreRead(line: String, user: String, hundredths: Int) throws {
        let event = try #require(read(line, .reward))
        #expect(event.user == user)
        #expect(event.hundredths == hundredths)
    }

    @Test(arguments: [
        "", "{}", "nonsense", #"{"id_utente": "HE_1"}"#, #"{"id_utente": "HE_1", "prezzo(tk)": 5}"#,
        #"{"id_utente": 5, "reward(tk)": 5}"#, #"{"id_utente": "HE_1", "reward(tk)": "5"}"#,
        #"{"id_utente": "HE_1", "x": {"reward(tk)": 5}}"#, #"{"id_utente": "HE_1", "reward(tk)": 1.2.3}"#,
    ])
    func otherLinesHaveNone(line: String) {
        #expect(read(line, .reward) == nil)
    }

    @Test func everyLineOfTheSourceIsReadAsItWasMeant() throws {
        var generator = CommunityGenerator(CommunityConfiguration(seed: 7, initialSize: 50))
        let encoder = EventEncoder()
        var amounts = 0
        for _ in 0..<2_000 {
            let event = generator.next()
            var key: [UInt8] = []
            var value: [UInt8] = []
            encoder.appendKey(of: event, to: &key)
            guard encoder.appendValue(of: event, key: key, to: &value) else { continue }
            switch event {
            case .behaviour(let behaviour, _):
                let line = try #require(value.withUnsafeBytes { EventLine($0, .reward) })
                #expect(line.hundredths == Int(behaviour.rewardHundredths))
                amounts += 1
            case .prize(let prize, _):
                let line = try #require(value.withUnsafeBytes { EventLine($0, .price) })
                #expect(line.hundredths == Int(prize.price.tokens) * 100)
                amounts += 1
            default: continue
            }
        }
        #expect(amounts > 100)
    }

    private func read(_ line: String, _ amount: EventLine.Amount) -> EventLine? {
        Array(line.utf8).withUnsafeBytes { EventLine($0, amount) }
    }
}
