import Analysis
import ExactValues
import Testing

/// Rows of users as any engine gives them.
@Suite struct UserRowsTests {
    private func row(_ id: String, earned: [Int64], spent: [Int64] = [0, 0]) -> UserRow {
        UserRow(
            id: id,
            segment: 1,
            sex: nil,
            age: nil,
            province: nil,
            partners: zip(earned, spent).map { earned, spent in
                UserRow.ByPartner(
                    rewards: EventTotals(count: earned > 0 ? 1 : 0, amount: TokenAmount(hundredths: earned)),
                    prizes: EventTotals(count: spent > 0 ? 1 : 0, amount: TokenAmount(hundredths: spent))
                )
            }
        )
    }

    @Test func totalsAndFidelityAreThoseOfThePartners() {
        let user = row("A", earned: [300, 100], spent: [0, 500])
        #expect(user.rewards == EventTotals(count: 2, amount: TokenAmount(hundredths: 400)))
        #expect(user.prizes == EventTotals(count: 1, amount: TokenAmount(hundredths: 500)))
        #expect(user.fidelity == [75, 25])
        #expect(row("B", earned: [0, 0]).fidelity == [nil, nil])
    }

    @Test func everyIterationBeginsAnewAndEndsWithTheEnginesError() async throws {
        let rows = [row("A", earned: [1, 2]), row("B", earned: [3, 4])]
        let users = UserRows {
            var left = rows[...]
            return { () async throws(AnalysisError) -> UserRow? in
                guard let next = left.popFirst() else { throw .badOption("lost") }
                return next
            }
        }
        for _ in 0..<2 {
            var seen: [UserRow] = []
            let error = await #expect(throws: AnalysisError.self) {
                for try await user in users { seen.append(user) }
            }
            #expect(seen == rows)
            #expect(error?.message == "lost")
        }
    }
}
