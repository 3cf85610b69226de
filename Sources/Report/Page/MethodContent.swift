import Analysis
import PlainText

/// How the numbers were made: rules, seed, features, files, bad lines.
struct MethodContent {
    let analysis: Analysis

    private var input: InputSummary { analysis.input }

    /// What a reader must know before believing the numbers.
    var notices: [String] {
        let bad = input.badLineCount
        let badLines =
            bad == 0
            ? []
            : [
                "\(NumberText.count(bad, "line")) could not be read and \(bad == 1 ? "is" : "are") left out; "
                    + "where and why is at the end of the page."
            ]
        let unplaced = input.rowsWithoutTime
        let time =
            unplaced == 0
            ? []
            : [
                "\(NumberText.count(unplaced, "event")) \(unplaced == 1 ? "lies" : "lie") in directories that name no "
                    + "hour or day and \(unplaced == 1 ? "is" : "are") missing from the events over time."
            ]
        return badLines + input.notices + time
    }

    var facts: [PageFact] {
        [
            PageFact(
                name: "Data",
                value:
                    "\(NumberText.count(input.files, "file")) with \(NumberText.bytes(input.bytes)) of JSON lines in "
                    + "\(input.topicsDirectory): \(NumberText.count(input.rows, "row")) read, "
                    + "\(NumberText.count(input.badLineCount, "bad line")) left out. Names that begin with _, + or . "
                    + "are not data."
            ),
            PageFact(
                name: "Users",
                value: "Everyone with a row in utenti or an event. Of several rows of a user the last counts "
                    + "(\(NumberText.whole(analysis.population.replacedRecords)) replaced). "
                    + "Users with events but without a row: "
                    + "\(NumberText.whole(analysis.population.usersWithoutRecord)); their age, sex and province are "
                    + "unknown. Amounts are exact, in hundredths of a token."
            ),
            PageFact(
                name: "Features",
                value:
                    "TOT_tk_guadagnati: sum of rewards. TOT_tk_spesi: sum of prices. <PARTNER>_FIDELITY(%): the part "
                    + "of a user’s rewards that the partner gave, undefined for users without rewards."
            ),
        ] + segmentationFacts
    }

    private var segmentationFacts: [PageFact] {
        guard let segmentation = analysis.segmentation else { return [] }
        let features = segmentation.features.map {
            "\($0.name) (mean \(NumberText.decimal($0.mean, decimals: 2)), "
                + "deviation \(NumberText.decimal($0.deviation, decimals: 2)))"
        }
        let shortfall =
            segmentation.effectiveK == segmentation.chosenK
            ? "" : " Only \(segmentation.effectiveK) clusters could be formed: there are no more different users."
        return [
            PageFact(
                name: "Segments",
                value:
                    "k-means over the users who earned something, on \(NumberText.list(features)), each less its mean "
                    + "and divided by its standard deviation. The first and the last are the pair of the picture above; "
                    + "without the second, savers and spenders look alike. Other partners’ shares are left out, since "
                    + "all shares add up to 100."
            ),
            PageFact(
                name: "k-means",
                value: "Started by k-means‖ (2 rounds, oversampling 2k, then weighted k-means++), at most 20 rounds, "
                    + "at rest when no centre moves more than 0.0001; the best of "
                    + "\(NumberText.count(segmentation.initialisations, "start")) for each k. An empty cluster is moved "
                    + "to the user farthest from the others. Seed \(analysis.seed): the same files and seed give the same "
                    + "numbers on any machine."
            ),
            PageFact(
                name: "Number of segments",
                value:
                    "The k whose cost lies deepest below the straight line from the first cost to the last, both axes "
                    + "scaled to 1; at least \(NumberText.decimal(ElbowRule.clearDepth, decimals: 1)) deep, otherwise there "
                    + "is no clear elbow and k is \(ElbowRule.fallback). Here: k = \(segmentation.chosenK), "
                    + (segmentation.isElbowClear ? "a clear elbow." : "without a clear elbow.") + shortfall
            ),
        ]
    }

    var tables: [PageTable] {
        [topics, unknownFields, folds, costs, badLineCauses, badLines].filter { !$0.rows.isEmpty }
    }

    private var topics: PageTable {
        PageTable(
            title: "Files read",
            caption: "By topic.",
            text: ["Topic"],
            numbers: ["Files", "Size", "Rows", "Bad lines"],
            rows: input.topics.map {
                [
                    $0.topic.rawValue,
                    NumberText.whole($0.files),
                    NumberText.bytes($0.bytes),
                    NumberText.whole($0.rows),
                    NumberText.whole($0.badLines),
                ]
            }
        )
    }

    private var costs: PageTable {
        PageTable(
            title: "Costs of k-means",
            caption: "Cost: squared distances of standardised features to the centres, summed. "
                + "Depth: how far below the line from end to end, of 1.",
            text: ["k"],
            numbers: ["Clusters", "Cost", "Depth", "Rounds", "At rest"],
            rows: (analysis.segmentation?.costs ?? []).map {
                [
                    String($0.k) + ($0.k == analysis.segmentation?.chosenK ? " (chosen)" : ""),
                    NumberText.whole($0.effectiveK),
                    NumberText.decimal($0.cost, decimals: 1),
                    $0.depth.map { NumberText.decimal($0, decimals: 3) } ?? "–",
                    NumberText.whole($0.iterations),
                    $0.isConverged ? "yes" : "no",
                ]
            }
        )
    }

    private var unknownFields: PageTable {
        PageTable(
            title: "Unusable fields",
            caption: "Rows that count, with the field unknown.",
            text: ["Topic", "Field", "What is wrong"],
            numbers: ["Rows"],
            rows: input.unknownFields.map { [$0.topic.rawValue, $0.field, $0.reason, NumberText.whole($0.rows)] }
        )
    }

    private var folds: PageTable {
        PageTable(
            title: "Values counted together",
            caption: "The least frequent values of fields that have very many; they are \(CategoryName.other).",
            text: ["Field"],
            numbers: ["Values", "Rows"],
            rows: input.folds.map { [$0.field, NumberText.whole($0.values), NumberText.whole($0.rows)] }
        )
    }

    private var badLineCauses: PageTable {
        PageTable(
            title: "Lines left out, by cause",
            caption: "All of them.",
            text: ["Topic", "What is wrong"],
            numbers: ["Lines"],
            rows: input.badLineCauses.map { [$0.topic.rawValue, $0.reason, NumberText.whole($0.lines)] }
        )
    }

    private var badLines: PageTable {
        let isAll = input.badLines.count == input.badLineCount
        return PageTable(
            title: "Bad lines",
            caption: isAll
                ? "All of them." : "The first \(input.badLines.count) of \(NumberText.whole(input.badLineCount)).",
            text: ["File and line", "What is wrong"],
            numbers: [],
            rows: input.badLines.map { ["\($0.file):\($0.line)", $0.reason] }
        )
    }
}
