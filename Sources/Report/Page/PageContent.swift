import Analysis

/// Everything that stands on the page, as texts; the templates only place them.
struct PageContent {
    let title: String
    let style: String
    let headline: String
    let story: [String]
    let tiles: [PageTile]
    let notices: [String]
    let hasNotices: Bool
    let segmentsLead: String
    let cards: [PageCard]
    let cardColumns: Int
    let segmentFigures: [PageFigure]
    let hasSegments: Bool
    let activityLead: String
    let activityFigures: [PageFigure]
    let communityTables: [PageTable]
    let tablesLead: String
    let tables: [PageTable]
    let methods: [PageFact]
    let methodTables: [PageTable]

    init(_ analysis: Analysis) {
        let story = StoryText(analysis: analysis)
        let segments = SegmentContent(analysis: analysis)
        let activity = ActivityContent(analysis: analysis)
        let tables = TableContent(analysis: analysis)
        let methods = MethodContent(analysis: analysis)
        title = "HeraSDG – community report"
        style = StyleSheet.text
        headline = story.headline
        self.story = story.paragraphs
        tiles = story.tiles
        notices = methods.notices
        hasNotices = !methods.notices.isEmpty
        segmentsLead = segments.lead
        cards = segments.cards
        cardColumns = segments.columns
        segmentFigures = segments.figures
        hasSegments = !segments.figures.isEmpty
        activityLead = activity.lead
        activityFigures = activity.figures
        communityTables = activity.tables
        tablesLead = tables.lead
        self.tables = tables.tables
        self.methods = methods.facts
        methodTables = methods.tables
    }
}
