import Analysis
import ExactValues
import PlainText

/// The aggregates of the original: sums and counts by partner, by kind, and of the users who earned most.
struct TableContent {
    let analysis: Analysis

    var lead: String {
        "Counts and sums by partner and kind, and of the users who earned most. "
            + "Every user is in aggregates.csv."
    }

    var tables: [PageTable] {
        [
            partners,
            kinds(.comportamenti, title: "Behaviours", head: "comportamento", unit: "Rewards (tk)"),
            kinds(.premi, title: "Prizes", head: "premio", unit: "Prices (tk)"),
            topUsers,
        ].filter { !$0.rows.isEmpty }
    }

    private var partners: PageTable {
        let population = analysis.population
        return PageTable(
            title: "By partner",
            caption: "What each Partner_erogante gave and took.",
            text: ["Partner"],
            numbers: ["Users rewarded", "Behaviours", "Rewards (tk)", "Share of rewards (%)", "Prizes", "Prices (tk)"],
            rows: analysis.partners.map { partner in
                [
                    partner.partner,
                    NumberText.whole(partner.earners),
                    NumberText.whole(partner.rewards.count),
                    NumberText.decimal(partner.rewards.amount),
                    Self.share(partner.rewards.amount, of: population.behaviours.amount),
                    NumberText.whole(partner.prizes.count),
                    NumberText.decimal(partner.prizes.amount),
                ]
            },
            foot: [
                "All",
                NumberText.whole(population.earners),
                NumberText.whole(population.behaviours.count),
                NumberText.decimal(population.behaviours.amount),
                Self.share(population.behaviours.amount, of: population.behaviours.amount),
                NumberText.whole(population.prizes.count),
                NumberText.decimal(population.prizes.amount),
            ]
        )
    }

    private func kinds(_ topic: RawZoneTopic, title: String, head: String, unit: String) -> PageTable {
        let kinds = analysis.kinds.filter { $0.topic == topic }
            .sorted { left, right in
                (right.totals.amount, ExactText(left.name), ExactText(left.partner))
                    < (left.totals.amount, ExactText(right.name), ExactText(right.partner))
            }
        let all = kinds.reduce(TokenAmount.zero) { $0 + $1.totals.amount }
        return PageTable(
            title: title,
            caption: "Of the topic \(topic.rawValue), those that moved most tokens first"
                + (kinds.count > Self.kindsShown
                    ? "; \(NumberText.whole(kinds.count - Self.kindsShown)) more are in report.json." : "."),
            text: [head, "Partner"],
            numbers: ["Events", unit, "Share (%)"],
            rows: kinds.prefix(Self.kindsShown).map { kind in
                [
                    kind.name,
                    kind.partner,
                    NumberText.whole(kind.totals.count),
                    NumberText.decimal(kind.totals.amount),
                    Self.share(kind.totals.amount, of: all),
                ]
            }
        )
    }

    /// Most lines of a table of kinds.
    private static let kindsShown = 50

    private var topUsers: PageTable {
        let partners = analysis.partners.map(\.partner)
        return PageTable(
            title: "Who earned most",
            caption: "The \(analysis.topUsers.count) users with the most tokens, and what each partner gave them.",
            text: ["id_utente"],
            numbers: ["TOT_tk_guadagnati (tk)", "TOT_tk_spesi (tk)", "Balance (tk)"] + partners.map { "\($0) (tk)" },
            rows: analysis.topUsers.map { user in
                [
                    user.id,
                    NumberText.decimal(user.earned),
                    NumberText.decimal(user.spent),
                    NumberText.decimal(user.earned - user.spent),
                ]
                    + partners.map { partner in
                        let own = user.partners.first { ExactText($0.partner) == ExactText(partner) }
                        return NumberText.decimal(own?.rewards.amount ?? .zero)
                    }
            }
        )
    }

    private static func share(_ part: TokenAmount, of whole: TokenAmount) -> String {
        whole > .zero ? NumberText.decimal(100 * part.tokens / whole.tokens, decimals: 1) : "–"
    }
}
