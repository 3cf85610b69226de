import Testing

@testable import Community

@Suite struct EligibleUsersTests {
    /// Random joins and leaves, compared after each with a plain set.
    @Test(arguments: [UInt64(1), 2, 3])
    func itAgreesWithAPlainSet(_ seed: UInt64) {
        var random = CommunityRandom(seed: seed)
        var users = EligibleUsers()
        var model: Set<Int> = []
        for _ in 0..<50 { users.addUser() }
        for step in 0..<5_000 {
            let user = random.below(50)
            // Mostly leaving, then mostly joining, so that it becomes empty and full.
            let joins = random.below(10) < (step / 500 % 2 == 0 ? 8 : 2)
            users.set(user, eligible: joins)
            if joins { model.insert(user) } else { model.remove(user) }
            guard users.draw(using: &random).map(model.contains) ?? model.isEmpty else {
                Issue.record("step \(step): the drawn user is not a member, or none was drawn")
                return
            }
        }
        while let drawn = users.draw(using: &random) {
            #expect(model.remove(drawn) != nil)
            users.set(drawn, eligible: false)
        }
        #expect(model.isEmpty)
    }

    @Test func everyMemberIsDrawnEvenly() {
        var random = CommunityRandom(seed: 8)
        var users = EligibleUsers()
        for user in 0..<20 {
            users.addUser()
            users.set(user, eligible: true)
        }
        for user in stride(from: 0, to: 20, by: 2) { users.set(user, eligible: false) }
        var counts: [Int: Int] = [:]
        for _ in 0..<10_000 {
            if let user = users.draw(using: &random) { counts[user, default: 0] += 1 }
        }
        #expect(counts.keys.sorted() == Array(stride(from: 1, to: 20, by: 2)))
        #expect(counts.values.allSatisfy { (850...1_150).contains($0) })
    }
}
