import Analysis
import Foundation
import PipelineTesting
import SystemPackage
import Testing

@testable import Analyzer

/// The numbers beside those of DuckDB and scikit-learn, over the same files. Both come from `script/bootstrap test`.
@Suite(.timeLimit(.minutes(15))) struct PeerTests {
    /// What the peers say.
    private struct Peer: Decodable {
        /// One user and partner.
        struct Aggregate: Decodable, Equatable {
            let id: String
            let partner: String
            let behaviours: Int
            let earned: Int64
            let prizes: Int
            let spent: Int64
        }

        let aggregates: [Aggregate]
        let users: Int
        /// Mean and standard deviation of the features.
        let means: [Double]
        let deviations: [Double]
        /// Least cost of ten starts, by k from 2.
        let costs: [Double]
    }

    /// k-means may end in another local minimum than the peer's best of ten.
    private static let costTolerance = 0.02

    @Test func numbersAreThoseOfDuckDBAndScikitLearn() async throws {
        try await withTemporaryDirectory { root in
            let zone = TinyZone(root: root)
            try CommunityZone.write(zone, users: 1500, seed: 2021)
            let result = try await zone.analyze()
            let peer = try await ask(root.string)

            #expect(peer.users == result.analysis.population.users)
            #expect(aggregates(result.features) == peer.aggregates)

            let segmentation = try #require(result.analysis.segmentation)
            for (feature, (mean, deviation)) in zip(segmentation.features, zip(peer.means, peer.deviations)) {
                #expect(abs(feature.mean - mean) < 1e-9 * mean, "\(feature.name)")
                #expect(abs(feature.deviation - deviation) < 1e-9 * deviation, "\(feature.name)")
            }
            #expect(segmentation.costs.map(\.k) == Array(2...10))
            #expect(peer.costs.count == 9)
            for (own, cost) in zip(segmentation.costs, peer.costs) {
                #expect(own.cost <= cost * (1 + Self.costTolerance), "k = \(own.k)")
                #expect(own.cost >= cost * (1 - Self.costTolerance), "k = \(own.k)")
            }
        }
    }

    private func aggregates(_ table: FeatureTable) -> [Peer.Aggregate] {
        (0..<table.count).flatMap { user in
            table.partners.compactMap { partner in
                guard partner.behaviours[user] + partner.prizes[user] > 0 else { return nil }
                return Peer.Aggregate(
                    id: table.ids[user],
                    partner: partner.name,
                    behaviours: Int(partner.behaviours[user]),
                    earned: partner.earned[user],
                    prizes: Int(partner.prizes[user]),
                    spent: partner.spent[user]
                )
            }
        }
    }

    private func ask(_ root: String) async throws -> Peer {
        let peer = try await runProgram(
            BuiltPackage.python(),
            arguments: ["-c", Self.script, root + "/HeraSDG/raw_data"],
            // Threads of its own would wait for each other on a busy machine.
            environment: ["OMP_NUM_THREADS": "1"]
        )
        try #require(peer.status.isSuccess, "\(peer.errorText)\nthe peers are installed by: script/bootstrap test")
        return try JSONDecoder().decode(Peer.self, from: Data(peer.output))
    }

    private static let script = #"""
        import json, sys
        import duckdb, numpy
        from sklearn.cluster import KMeans
        from sklearn.preprocessing import StandardScaler

        root = sys.argv[1]
        db = duckdb.connect()
        for topic in ("utenti", "comportamenti", "premi"):
            db.execute(f"CREATE VIEW {topic} AS SELECT * FROM read_ndjson_auto('{root}/{topic}/*/*/*/*/*.json')")
        rows = db.execute("""
            SELECT id_utente, Partner_erogante, sum(b)::BIGINT, sum(e)::BIGINT, sum(p)::BIGINT, sum(s)::BIGINT FROM (
                SELECT id_utente, Partner_erogante, 1 b, round("reward(tk)" * 100)::BIGINT e, 0 p, 0 s
                FROM comportamenti UNION ALL
                SELECT id_utente, Partner_erogante, 0, 0, 1, round("prezzo(tk)" * 100)::BIGINT FROM premi)
            GROUP BY ALL""").fetchall()
        rows.sort(key=lambda row: (row[0].encode(), row[1].encode()))
        keys = ("id", "partner", "behaviours", "earned", "prizes", "spent")
        users = db.execute("SELECT count(DISTINCT id_utente) FROM utenti").fetchone()[0]

        earned, spent, hera = {}, {}, {}
        for user, partner, _, reward, _, price in rows:
            earned[user] = earned.get(user, 0) + reward
            spent[user] = spent.get(user, 0) + price
            if partner == "HERA":
                hera[user] = hera.get(user, 0) + reward
        features = numpy.array([
            (total / 100, spent[user] / 100, 100 * hera.get(user, 0) / total)
            for user, total in sorted(earned.items()) if total > 0
        ])
        scaler = StandardScaler().fit(features)
        scaled = scaler.transform(features)
        costs = [KMeans(k, n_init=10, random_state=0).fit(scaled).inertia_ for k in range(2, 11)]
        print(json.dumps({
            "aggregates": [dict(zip(keys, row)) for row in rows],
            "users": users,
            "means": scaler.mean_.tolist(),
            "deviations": scaler.scale_.tolist(),
            "costs": costs,
        }))
        """#
}
