/// All numbers of an analysis. `report.json` is this value, with amounts in tk and shares in percent.
///
/// The same files, seed and options give an equal value.
package struct Analysis: Equatable, Sendable, Codable {
    /// Rises when a reader of `report.json` must change.
    package var formatVersion = 1
    /// Where every random choice started from.
    package var seed: UInt64
    package var input: InputSummary
    package var population: Population
    /// Events by hour, or by day, in order; empty where the directories name no time.
    package var timeline: [TimelineEntry]
    /// By `Partner_erogante`, sorted by name.
    package var partners: [PartnerTotals]
    /// By topic, partner and behaviour or prize.
    package var kinds: [KindTotals]
    /// The users who earned most, with what each partner gave and took.
    package var topUsers: [UserTotals]
    /// Users by age in bands of ``AgeBand/width`` years, without gaps; empty where no age is known.
    package var ages: [AgeBand]
    package var sexes: [CategoryCount]
    package var provinces: [CategoryCount]
    /// `nil` where no user earned anything.
    package var segmentation: Segmentation?

    package init(
        seed: UInt64,
        input: InputSummary,
        population: Population,
        timeline: [TimelineEntry],
        partners: [PartnerTotals],
        kinds: [KindTotals],
        topUsers: [UserTotals],
        ages: [AgeBand],
        sexes: [CategoryCount],
        provinces: [CategoryCount],
        segmentation: Segmentation?
    ) {
        self.seed = seed
        self.input = input
        self.population = population
        self.timeline = timeline
        self.partners = partners
        self.kinds = kinds
        self.topUsers = topUsers
        self.ages = ages
        self.sexes = sexes
        self.provinces = provinces
        self.segmentation = segmentation
    }
}
