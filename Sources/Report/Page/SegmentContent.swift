import Analysis
import PlainText

/// The segments' cards and charts.
struct SegmentContent {
    let analysis: Analysis

    private var segmentation: Segmentation? { analysis.segmentation }

    var lead: String {
        guard let segmentation else {
            return "There are no segments: no user in these files has earned a token."
        }
        let features = NumberText.list(segmentation.features.map(\.name))
        var text =
            "\(NumberText.count(segmentation.users, "user")) who earned something, grouped by \(features). "
            + "How, and why these: at the end of the page."
        if segmentation.usersWithoutEarnings > 0 {
            text +=
                " \(NumberText.count(segmentation.usersWithoutEarnings, "user")) earned nothing yet and "
                + "belong to no segment."
        }
        return text
    }

    var cards: [PageCard] {
        (segmentation?.segments ?? []).map { segment in
            let marker = Marker(number: segment.number)
            return PageCard(
                icon: marker.icon,
                name: "\(segment.number). \(segment.name)",
                users: NumberText.whole(segment.users),
                share: "\(segment.users == 1 ? "user" : "users") · \(NumberText.percent(segment.share))",
                style: marker.style,
                width: SVGText.coordinate(segment.share),
                words: segment.description,
                facts: facts(segment)
            )
        }
    }

    /// Columns of cards on a wide screen, so that the last row is as full as can be.
    var columns: Int {
        let count = cards.count
        if count <= 4 { return max(1, count) }
        return count % 3 == 0 || count % 4 == 1 ? 3 : 4
    }

    private func facts(_ segment: CustomerSegment) -> [PageFact] {
        let means = [
            PageFact(name: "Earned a user", value: NumberText.decimal(segment.meanEarned, decimals: 2) + "\u{A0}tk"),
            PageFact(name: "Spent a user", value: NumberText.decimal(segment.meanSpent, decimals: 2) + "\u{A0}tk"),
            PageFact(name: "Behaviours a user", value: NumberText.decimal(segment.meanBehaviours, decimals: 1)),
            PageFact(name: "Prizes a user", value: NumberText.decimal(segment.meanPrizes, decimals: 1)),
        ]
        let fidelity = segment.fidelity.map {
            PageFact(name: "\($0.partner)_FIDELITY(%)", value: NumberText.percent($0.mean))
        }
        let age = segment.meanAge.map {
            [PageFact(name: "Mean age", value: NumberText.decimal($0, decimals: 1) + " years")]
        }
        return means + fidelity + (age ?? [])
    }

    var figures: [PageFigure] {
        guard let segmentation else { return [] }
        let legend = segmentation.segments.map {
            (icon: Marker(number: $0.number).icon, name: "\($0.number). \($0.name)")
        }
        let sample =
            segmentation.scatter.count == segmentation.users
            ? "Each marker is a user"
            : "Each marker is a user, of an even sample of \(NumberText.whole(segmentation.scatter.count))"
        return [
            PageFigure(
                title: "TOT_tk_guadagnati against \(segmentation.focusPartner)_FIDELITY(%)",
                takeaway: "\(sample); the numbers stand at each segment’s mean.",
                svg: ScatterChart(segmentation: segmentation).svg,
                legend: legend
            ),
            PageFigure(
                title: "Why \(NumberText.count(segmentation.effectiveK, "segment"))",
                takeaway: elbowTakeaway(segmentation),
                svg: ElbowChart(segmentation: segmentation).svg
            ),
        ]
    }

    private func elbowTakeaway(_ segmentation: Segmentation) -> String {
        if segmentation.isElbowClear {
            return "More segments always cost less. At k = \(segmentation.chosenK) the curve bends most: "
                + "it lies farthest below the dashed line from end to end."
        }
        return "The costs fall without a clear bend, so k = \(segmentation.chosenK) was taken, "
            + "which is a convention and no finding."
    }
}
