import Analysis
import ExactValues
import PlainText

/// The story at the top, and the key figures.
struct StoryText {
    let analysis: Analysis

    private var population: Population { analysis.population }

    var headline: String {
        let users = NumberText.count(population.users, "user")
        if population.earners == 0 { return "\(users), and none has earned a token yet" }
        let earned = NumberText.roundTokens(population.behaviours.amount)
        return "\(users) earned \(earned) and spent \(NumberText.roundTokens(population.prizes.amount))"
    }

    var paragraphs: [String] {
        [purpose, result, segments].compactMap { $0 }
    }

    private var purpose: String {
        let partners = analysis.partners.filter { !CategoryName.isReserved($0.partner) }
            .sorted { $1.rewards.amount < $0.rewards.amount }.map { PartnerName.readable($0.partner) }
        let named = partners.prefix(Self.partnersNamed)
        let rest = partners.count - named.count + (foldedPartners ?? 0)
        let who =
            partners.isEmpty
            ? "The partners" : NumberText.list(named + (rest > 0 ? ["\(NumberText.whole(rest)) more"] : []))
        let verb = partners.count == 1 ? "rewards" : "reward"
        return "\(who) \(verb) sustainable behaviour with tokens (tk), which buy prizes. This page tells what their "
            + "community did\(period), from the \(NumberText.whole(analysis.input.rows)) events in the raw zone."
    }

    /// Most partners that the first sentence names.
    private static let partnersNamed = 8

    private var foldedPartners: Int? { analysis.input.folds.first { $0.field == "Partner_erogante" }?.values }

    private var period: String {
        guard let first = analysis.timeline.first?.time, let last = analysis.timeline.last?.time else { return "" }
        if first.wholeDay == last.wholeDay {
            guard first.hour != nil else { return " on \(CalendarText.fullDay(first))" }
            if first == last {
                return " in the hour from \(CalendarText.hour(first)) on \(CalendarText.fullDay(first))"
            }
            return " on \(CalendarText.fullDay(first)) between \(CalendarText.hour(first)) and "
                + CalendarText.hourEnd(last)
        }
        let end = last.hour == nil ? "" : ", " + CalendarText.hourEnd(last)
        return " between \(CalendarText.full(first)) and \(CalendarText.fullDay(last))\(end)"
    }

    private var result: String? {
        guard population.earners > 0 else { return nil }
        let earned = population.behaviours.amount
        var text =
            "\(NumberText.count(population.earners, "user")) "
            + "(\(NumberText.share(population.earners, of: population.users))) earned tokens for "
            + "\(NumberText.count(population.behaviours.count, "behaviour"))"
        if earned > .zero, population.prizes.amount == .zero {
            text += "; none of them has been spent yet"
        } else if earned > .zero {
            let spent = NumberText.decimal(100 * population.prizes.amount.tokens / earned.tokens, decimals: 0)
            text += "; of every 100 tk earned, \(spent) have been spent on prizes"
        }
        if population.balance > .zero, population.prizes.amount > .zero {
            text += " and \(NumberText.roundTokens(population.balance)) are still in users’ hands"
        }
        text += "."
        let named = analysis.partners.filter { !CategoryName.isReserved($0.partner) }
        if let first = named.max(by: { $0.rewards.amount < $1.rewards.amount }), earned > .zero {
            let share = NumberText.decimal(100 * first.rewards.amount.tokens / earned.tokens, decimals: 0)
            text += " \(PartnerName.readable(first.partner)) gave the most: \(share)% of all tokens."
        }
        return text
    }

    private var segments: String? {
        guard let segmentation = analysis.segmentation, let largest = segmentation.segments.first else { return nil }
        let count = NumberText.count(segmentation.effectiveK, "segment")
        let name = largest.name.hasPrefix("Mixed") ? "mixed" + largest.name.dropFirst(5) : largest.name
        var text =
            "By what they earn, what they spend and how loyal they are to "
            + "\(PartnerName.readable(segmentation.focusPartner)), customers fall into \(count). "
            + "The largest, \(name), holds \(NumberText.decimal(largest.share, decimals: 0))% of them"
        let richest = segmentation.segments.max { $0.earned < $1.earned }
        if let richest, richest.number != largest.number, population.behaviours.amount > .zero {
            let share = 100 * richest.earned.tokens / population.behaviours.amount.tokens
            text +=
                "; segment \(richest.number) is \(NumberText.decimal(richest.share, decimals: 0))% of them and has earned "
                + "\(NumberText.decimal(share, decimals: 0))% of all tokens"
        }
        return text + "."
    }

    var tiles: [PageTile] {
        let users = Double(max(1, population.users))
        let rewards = population.behaviours
        let prizes = population.prizes
        return [
            PageTile(
                name: "Users",
                figure: NumberText.whole(population.users),
                note: population.meanAge.map { "mean age \(NumberText.decimal($0, decimals: 1)) years" }
                    ?? "ages unknown"
            ),
            PageTile(
                name: "Behaviours",
                figure: NumberText.whole(rewards.count),
                note: "\(NumberText.decimal(Double(rewards.count) / users, decimals: 1)) a user"
            ),
            PageTile(
                name: "Tokens earned",
                figure: NumberText.roundTokens(rewards.amount),
                note: Self.mean(rewards, "a behaviour")
            ),
            PageTile(
                name: "Prizes",
                figure: NumberText.whole(prizes.count),
                note: "\(NumberText.share(population.spenders, of: population.users)) of users had one"
            ),
            PageTile(
                name: "Tokens spent",
                figure: NumberText.roundTokens(prizes.amount),
                note: Self.mean(prizes, "a prize")
            ),
            PageTile(
                name: "Balance",
                figure: NumberText.roundTokens(population.balance),
                note: "\(NumberText.decimal(population.balance.tokens / users, decimals: 2))\u{A0}tk a user"
            ),
        ]
    }

    private static func mean(_ totals: EventTotals, _ each: String) -> String {
        guard totals.count > 0 else { return "none yet" }
        return NumberText.decimal(totals.amount.tokens / Double(totals.count), decimals: 2) + "\u{A0}tk \(each)"
    }
}
