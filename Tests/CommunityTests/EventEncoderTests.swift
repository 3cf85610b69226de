import PlainText
import Testing

@testable import Community

/// The golden lines were printed by Python 3.11's `json.dumps` from dictionaries with the original's keys and values.
@Suite struct EventEncoderTests {
    struct Encoded: Equatable {
        let key: String
        let value: String?
    }

    private func encode(_ event: CommunityEvent) -> Encoded {
        let encoder = EventEncoder()
        var key: [UInt8] = []
        let record = CommunityRecord(event)
        encoder.appendKey(of: record, to: &key)
        // What is in the buffer before must stay.
        var buffer = Array("before".utf8)
        let hasValue = encoder.appendValue(of: record, key: key, to: &buffer)
        let text = String(decoding: buffer, as: UTF8.self)
        #expect(text.hasPrefix("before"))
        return Encoded(
            key: String(decoding: key, as: UTF8.self),
            value: hasValue ? String(text.dropFirst("before".count)) : nil
        )
    }

    static let behaviourLines: [(Behaviour, String)] = [
        (
            .gasMeterReading,
            #"{"id_utente": "HE_123", "Partner_erogante": "HERA", "comportamento": "Autolettura consumo gas", "reward(tk)": 1.6}"#
        ),
        (
            .electronicBill,
            #"{"id_utente": "HE_123", "Partner_erogante": "HERA", "comportamento": "Invio elettronico della bolletta", "reward(tk)": 1.75}"#
        ),
        (
            .renewableEnergy,
            #"{"id_utente": "HE_123", "Partner_erogante": "HERA", "comportamento": "Acquisto energia elettrica da fonti rinnovabili", "reward(tk)": 2.85}"#
        ),
        (
            .sustainableProducts,
            #"{"id_utente": "HE_123", "Partner_erogante": "CONAD", "comportamento": "Acquisto di prodotti sostenibili", "reward(tk)": 2.55}"#
        ),
        (
            .plasticBottles,
            #"{"id_utente": "HE_123", "Partner_erogante": "CONAD", "comportamento": "Recupero bottiglie di plastica", "reward(tk)": 0.9}"#
        ),
        (
            .sustainableMenu,
            #"{"id_utente": "HE_123", "Partner_erogante": "CAMST", "comportamento": "Acquisto piatti e menu sostenibili", "reward(tk)": 2.4}"#
        ),
    ]

    @Test(arguments: behaviourLines)
    func behavioursAreWrittenAsPythonWritesThem(_ behaviour: Behaviour, _ line: String) {
        #expect(
            encode(.behaviour(behaviour, by: UserID(partner: .hera, number: 123)))
                == Encoded(key: "HE_123", value: line)
        )
    }

    static let prizeLines: [(Prize, String)] = [
        (
            .billDiscount,
            #"{"id_utente": "CO_7", "Partner_erogante": "HERA", "premio": "Sconto in bolletta 10\u20ac Hera", "prezzo(tk)": 10}"#
        ),
        (
            .groceryVoucher,
            #"{"id_utente": "CO_7", "Partner_erogante": "CONAD", "premio": "Buono Spesa 5\u20ac Conad", "prezzo(tk)": 5}"#
        ),
        (
            .dearGroceryVoucher,
            #"{"id_utente": "CO_7", "Partner_erogante": "CONAD", "premio": "Buono Spesa 5\u20ac Conad", "prezzo(tk)": 10}"#
        ),
        (
            .mealVoucher,
            #"{"id_utente": "CO_7", "Partner_erogante": "CAMST", "premio": "Buono Spesa 5\u20ac Camst", "prezzo(tk)": 5}"#
        ),
    ]

    @Test(arguments: prizeLines)
    func prizesAreWrittenAsPythonWritesThem(_ prize: Prize, _ line: String) {
        #expect(
            encode(.prize(prize, by: UserID(partner: .conad, number: 7))) == Encoded(key: "CO_7", value: line)
        )
    }

    @Test func usersAreWrittenAsPythonWritesThem() throws {
        let user = UserProfile(
            id: UserID(partner: .camst, number: 4_294_967_295),
            sex: .female,
            birthDate: try #require(CalendarDate("1960-01-02")),
            age: 61,
            province: .parma
        )
        let line =
            #"{"id_utente": "CA_4294967295", "Sesso": "F", "Data di Nascita": "1960-01-02", "Eta": 61, "Provincia": "PAR"}"#
        #expect(encode(.registration(user)) == Encoded(key: "CA_4294967295", value: line))
    }

    @Test(arguments: [(Province.bologna, "BO"), (.modena, "MO"), (.reggioEmilia, "RE"), (.parma, "PAR")])
    func everyProvinceHasItsCode(_ province: Province, _ code: String) throws {
        let user = UserProfile(
            id: UserID(partner: .hera, number: 1),
            sex: .male,
            birthDate: try #require(CalendarDate("0930-12-31")),
            age: 18,
            province: province
        )
        let line =
            #"{"id_utente": "HE_1", "Sesso": "M", "Data di Nascita": "0930-12-31", "Eta": 18, "Provincia": "\#(code)"}"#
        #expect(encode(.registration(user)) == Encoded(key: "HE_1", value: line))
    }

    @Test(arguments: CommunityTopic.allCases)
    func aRecordWithoutUserIsATombstone(_ topic: CommunityTopic) {
        #expect(encode(.withoutUser(topic)) == Encoded(key: "NULL RECORD", value: nil))
    }
}
