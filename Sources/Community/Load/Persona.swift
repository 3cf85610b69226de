/// A hidden group of users: what they like, how often they take part, what they do with their tokens, how old they are.
///
/// No record says which persona a user is; the ground truth does. The first of them differ most, so that few personas are
/// easier to find than many. A user is of each with the same chance.
package struct Persona: Sendable {
    package let name: String
    /// Chances that a behaviour is for Hera, Conad or Camst, in percent.
    package let partners: Weights<Partner>
    /// How often they take part, compared with each other.
    package let activity: Int
    /// How many of 100 chances to buy a prize they take.
    package let spendingPercent: Int
    package let ages: ClosedRange<Int>

    private init(
        _ name: String,
        hera: Int,
        conad: Int,
        camst: Int,
        activity: Int,
        spending: Int,
        ages: ClosedRange<Int>
    ) {
        self.name = name
        partners = Weights([(.hera, hera), (.conad, conad), (.camst, camst)])
        self.activity = activity
        spendingPercent = spending
        self.ages = ages
    }

    package static let all = [
        Persona("energy-savers", hera: 94, conad: 4, camst: 2, activity: 12, spending: 4, ages: 35...60),
        Persona("bargain-hunters", hera: 3, conad: 87, camst: 10, activity: 12, spending: 100, ages: 25...50),
        Persona("canteen-guests", hera: 4, conad: 6, camst: 90, activity: 2, spending: 40, ages: 18...35),
        Persona("bill-payers", hera: 96, conad: 2, camst: 2, activity: 2, spending: 40, ages: 55...90),
        Persona("families", hera: 45, conad: 45, camst: 10, activity: 24, spending: 100, ages: 30...45),
        Persona("collectors", hera: 10, conad: 45, camst: 45, activity: 24, spending: 2, ages: 40...70),
        Persona("curious-students", hera: 34, conad: 33, camst: 33, activity: 1, spending: 20, ages: 18...25),
        Persona("loyal-shoppers", hera: 25, conad: 70, camst: 5, activity: 6, spending: 10, ages: 60...90),
    ]
}

/// How evenly users take part.
package enum Skew: String, CaseIterable, Sendable {
    /// All alike.
    case even
    /// A few do most: how often a user takes part has a heavy tail (Pareto's law with exponent 1.16, of which the fifth
    /// of the users who are most active do four fifths), in twelve levels that double.
    case heavy
}
