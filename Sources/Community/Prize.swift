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
