/// A prize that tokens buy. All are equally frequent.
package enum Prize: UInt8, CaseIterable, Sendable {
    case billDiscount
    case groceryVoucher
    case dearGroceryVoucher
    case mealVoucher

    /// Who gives it.
    package var partner: Partner {
        switch self {
        case .billDiscount: .hera
        case .groceryVoucher, .dearGroceryVoucher: .conad
        case .mealVoucher: .camst
        }
    }

    /// Its name as it is in the events. The voucher of Conad has one name and two prices.
    package var name: String {
        switch self {
        case .billDiscount: "Sconto in bolletta 10€ Hera"
        case .groceryVoucher, .dearGroceryVoucher: "Buono Spesa 5€ Conad"
        case .mealVoucher: "Buono Spesa 5€ Camst"
        }
    }

    /// What it costs.
    package var price: PriceLevel {
        switch self {
        case .groceryVoucher, .mealVoucher: .five
        case .billDiscount, .dearGroceryVoucher: .ten
        }
    }
}

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

/// A company of the community: it rewards behaviours, gives prizes, and brings users in.
package enum Partner: UInt8, CaseIterable, Sendable {
    case hera
    case conad
    case camst

    /// The company's name as it is in the events.
    package var name: String {
        switch self {
        case .hera: "HERA"
        case .conad: "CONAD"
        case .camst: "CAMST"
        }
    }

    /// What the ids of the users begin with whom this company brought in.
    package var idPrefix: String {
        switch self {
        case .hera: "HE"
        case .conad: "CO"
        case .camst: "CA"
        }
    }
}

/// The prices there are. Each has its own set of users who can pay it (see ``EligibleUsers``).
package enum PriceLevel: UInt8, CaseIterable, Sendable {
    case five
    case ten

    /// The price in whole tokens, as it is in the events.
    package var tokens: UInt32 {
        switch self {
        case .five: 5
        case .ten: 10
        }
    }

    /// The price in hundredths of a token, as balances are kept.
    package var hundredths: UInt32 { tokens * 100 }
}
