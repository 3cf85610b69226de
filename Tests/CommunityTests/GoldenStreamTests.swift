import Testing

@testable import Community

/// The bytes of a seed are a promise: who has analysed seed 42 once can compare for ever. If this fails, runs made
/// before can no longer be repeated; change it only with an entry in the changelog.
@Suite struct GoldenStreamTests {
    private func lines(seed: UInt64, initialSize: Int, count: Int) -> [String] {
        var generator = CommunityGenerator(CommunityConfiguration(seed: seed, initialSize: initialSize))
        let encoder = EventEncoder()
        return (0..<count).map { _ in
            let event = generator.next()
            var key: [UInt8] = []
            var value: [UInt8] = []
            encoder.appendKey(of: event, to: &key)
            return encoder.appendValue(of: event, key: key, to: &value)
                ? String(decoding: value, as: UTF8.self) : "tombstone"
        }
    }

    static let firstOfSeed42 = [
        #"{"id_utente": "CA_1", "Sesso": "M", "Data di Nascita": "1941-11-25", "Eta": 79, "Provincia": "BO"}"#,
        #"{"id_utente": "HE_2", "Sesso": "M", "Data di Nascita": "1993-08-10", "Eta": 27, "Provincia": "RE"}"#,
        #"{"id_utente": "HE_3", "Sesso": "M", "Data di Nascita": "1975-05-18", "Eta": 45, "Provincia": "BO"}"#,
        #"{"id_utente": "HE_2", "Partner_erogante": "CONAD", "comportamento": "Acquisto di prodotti sostenibili", "reward(tk)": 2.55}"#,
        #"{"id_utente": "CA_1", "Partner_erogante": "CONAD", "comportamento": "Acquisto di prodotti sostenibili", "reward(tk)": 2.55}"#,
        #"{"id_utente": "HE_2", "Partner_erogante": "HERA", "comportamento": "Autolettura consumo gas", "reward(tk)": 1.6}"#,
    ]

    @Test func theFirstRecordsOfSeed42() {
        #expect(lines(seed: 42, initialSize: 3, count: 6) == Self.firstOfSeed42)
    }

    @Test func theFirstHundredThousandRecordsOfSeed42() {
        var generator = CommunityGenerator(CommunityConfiguration(seed: 42, initialSize: 10_000))
        let encoder = EventEncoder()
        var key: [UInt8] = []
        var buffer: [UInt8] = []
        for _ in 0..<100_000 {
            let event = generator.next()
            key.removeAll(keepingCapacity: true)
            encoder.appendKey(of: event, to: &key)
            if !encoder.appendValue(of: event, key: key, to: &buffer) { buffer += key }
        }
        // FNV-1a, 64 bits.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in buffer { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        #expect(buffer.count == 11_884_536)
        #expect(hash == 13_731_467_121_683_527_849)
    }
}
