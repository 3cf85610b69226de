package import PlainText

/// What decides a run's bytes, and nothing else does: neither the day, nor the speed, nor the parallelism.
package struct CommunityConfiguration: Equatable, Sendable {
    /// The reference date unless told otherwise: the day in the paths of the original's raw zone.
    package static let defaultReferenceDate = CalendarDate(dayNumber: 18_710)  // 2021-03-24
    /// The earliest reference date: the oldest user's birth date then still has a year of four digits.
    package static let referenceYearMin = 100
    /// The most initial users; their numbers stay well within the 32 bits of an id.
    package static let initialSizeMax = 100_000_000

    /// Where the random numbers begin.
    package var seed: UInt64
    /// Initial records of `utenti`, and a fifth of the initial records of `comportamenti`: 0…``initialSizeMax``.
    package var initialSize: Int
    /// The day at which ages are taken.
    package var referenceDate: CalendarDate
    /// How evenly users take part.
    package var skew = Skew.even
    /// How many personas there are among the users, 0…`Persona.all.count`; 0: all users are alike.
    package var personas = 0
    /// For each user who joins after the initial ones, how many grow quiet, 0…1; of the quiet half as many leave.
    package var churn = 0.0
    /// How many records are bad, and how.
    package var dirt = DirtShares.none

    package init(
        seed: UInt64 = 0,
        initialSize: Int,
        referenceDate: CalendarDate = CommunityConfiguration.defaultReferenceDate
    ) {
        self.seed = seed
        self.initialSize = initialSize
        self.referenceDate = referenceDate
    }

    /// How many records come before the endless part.
    package var initialRecordCount: Int { initialSize * (1 + CommunityWeights.initialBehavioursPerUser) }

    /// Whether who takes part is drawn from a ``Crowd``, and not evenly from all users.
    var hasCrowd: Bool { skew != .even || personas > 0 || churn > 0 }

    /// What differs from the original's community, by the names of the command line's options; empty: nothing.
    package var dials: [String: String] {
        var dials: [String: String] = [:]
        if skew != .even { dials["skew"] = skew.rawValue }
        if personas > 0 { dials["personas"] = "\(personas)" }
        if churn > 0 { dials["churn"] = "\(churn)" }
        if !dirt.isEmpty { dials["dirty"] = dirt.text }
        return dials
    }

    /// Why the configuration is invalid; `nil` if it is valid.
    package var problem: String? {
        if initialSize < 0 { return "the initial size is \(initialSize); it cannot be negative" }
        if initialSize > Self.initialSizeMax {
            return "the initial size is \(initialSize); at most \(Self.initialSizeMax) is possible"
        }
        if referenceDate.year < Self.referenceYearMin {
            return "the reference date is \(referenceDate); its year must be at least \(Self.referenceYearMin)"
        }
        if !(0...Persona.all.count).contains(personas) {
            return "the number of personas is \(personas); there are 1 to \(Persona.all.count), and 0 for none"
        }
        if !(0...1).contains(churn) { return "the churn is \(churn); it is a number from 0 to 1" }
        return nil
    }
}
