/// A segment's card.
struct PageCard {
    let icon: String
    let name: String
    let users: String
    let share: String
    /// Class of the bar's colour, and its length in percent.
    let style: String
    let width: String
    let words: String
    let facts: [PageFact]
}
