import Analyzer
import PipelineTesting

/// A raw zone like the original's: its partners, rewards and prices, users chosen evenly.
struct CommunityZone {
    static let behaviours = [
        ("HERA", "Autolettura consumo gas", "1.6"), ("HERA", "Invio elettronico della bolletta", "1.75"),
        ("HERA", "Acquisto energia elettrica da fonti rinnovabili", "2.85"),
        ("CONAD", "Acquisto di prodotti sostenibili", "2.55"), ("CONAD", "Recupero bottiglie di plastica", "0.9"),
        ("CAMST", "Acquisto piatti e menu sostenibili", "2.4"),
    ]
    static let prizes = [
        ("HERA", #"Sconto in bolletta 10\u20ac Hera"#, "10"), ("CONAD", #"Buono Spesa 5\u20ac Conad"#, "5"),
        ("CONAD", #"Buono Spesa 5\u20ac Conad"#, "10"), ("CAMST", #"Buono Spesa 5\u20ac Camst"#, "5"),
    ]

    /// Writes `users` users with six behaviours and one prize each on average, in several files of each topic.
    static func write(_ zone: TinyZone, users: Int, seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var lines: [String: [String]] = [:]
        func add(_ topic: String, _ id: Int, _ line: String) {
            lines["\(topic)/2021/03/24/\(10 + id % 4)/\(topic)_\(id % 2)_0_0.json", default: []].append(line)
        }
        func id(_ number: Int) -> String { ["HE", "CO", "CA", ""][number % 4] + "_\(number)" }
        for user in 0..<users {
            let line = TinyZone.user(
                id(user),
                sex: random.chance(4, in: 10) ? "M" : "F",
                age: Int.random(in: 18...90, using: &random),
                province: ["BO", "MO", "RE", "PAR"].randomElement(using: &random) ?? "BO"
            )
            add("utenti", user, line)
        }
        for _ in 0..<(6 * users) {
            let user = Int.random(in: 0..<users, using: &random)
            let kind = behaviours[Int.random(in: 0..<behaviours.count, using: &random)]
            add("comportamenti", user, TinyZone.behaviour(id(user), kind.0, kind.2, kind.1))
        }
        for _ in 0..<users {
            let user = Int.random(in: 0..<users, using: &random)
            let kind = prizes[Int.random(in: 0..<prizes.count, using: &random)]
            add("premi", user, TinyZone.prize(id(user), kind.0, kind.2, kind.1))
        }
        for (path, content) in lines { try zone.write(path, content) }
    }
}
