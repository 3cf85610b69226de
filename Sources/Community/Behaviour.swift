/// A behaviour that the community rewards. All are equally frequent.
package enum Behaviour: UInt8, CaseIterable, Sendable {
    case gasMeterReading
    case electronicBill
    case renewableEnergy
    case sustainableProducts
    case plasticBottles
    case sustainableMenu

    /// Who rewards it.
    package var partner: Partner {
        switch self {
        case .gasMeterReading, .electronicBill, .renewableEnergy: .hera
        case .sustainableProducts, .plasticBottles: .conad
        case .sustainableMenu: .camst
        }
    }

    /// Its name as it is in the events.
    package var name: String {
        switch self {
        case .gasMeterReading: "Autolettura consumo gas"
        case .electronicBill: "Invio elettronico della bolletta"
        case .renewableEnergy: "Acquisto energia elettrica da fonti rinnovabili"
        case .sustainableProducts: "Acquisto di prodotti sostenibili"
        case .plasticBottles: "Recupero bottiglie di plastica"
        case .sustainableMenu: "Acquisto piatti e menu sostenibili"
        }
    }

    /// Its reward in hundredths of a token.
    package var rewardHundredths: UInt32 {
        switch self {
        case .gasMeterReading: 160
        case .electronicBill: 175
        case .renewableEnergy: 285
        case .sustainableProducts: 255
        case .plasticBottles: 90
        case .sustainableMenu: 240
        }
    }
}
