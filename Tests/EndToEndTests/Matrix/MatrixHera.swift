import PipelineTesting

/// `hera` itself in the matrix of clients and capabilities. The records that it reads are kcat's.
struct MatrixHera {
    let bootstrap: String

    func outcomes() async -> [Capability: String] {
        let topics = await MatrixClient.outcomes(of: [
            .createTopic: { try await hera("topics create matrix --partitions 1 --config segment.bytes=1048576") },
            .describeTopic: { try await expect("topics list --json", #""partitions":1"#) },
            .addPartitions: { try await expect("topics partitions matrix 2", "has 2 partitions") },
            .describeConfigs: { try await expect("topics configs matrix --chosen", "1048576") },
            .alterConfigs: {
                try await hera("topics alter matrix --config retention.ms=86400000")
                try await expect("topics configs matrix --chosen", "86400000")
            },
            .consume: {
                _ = try await UnexpectedAnswer.text(
                    of: BuiltPackage.systemProgram("kcat"),
                    ["-P", "-b", bootstrap, "-t", "matrix", "-p", "0"],
                    input: "a\nb\nc\n"
                )
                try await expect("topics tail matrix --from-beginning --count 3", "c\n")
            },
            .listOffsets: { try await expect("topics describe matrix --json", #""endOffset":3"#) },
            .deleteRecords: {
                try await hera("topics records matrix:0 --before-offset 1 --yes")
                try await expect("topics describe matrix --json", #""logStartOffset":1"#)
            },
        ])
        let groups = await MatrixClient.outcomes(of: [
            // It has no consumer that commits for others: its group begins with offsets.
            .alterGroupOffsets: {
                try await hera("groups reset matrix-readers --to-offset 2 --topic matrix --execute")
            },
            .listGroups: { try await expect("groups list", "matrix-readers") },
            .describeGroups: { try await expect("groups describe matrix-readers", "Empty") },
            .readGroupOffsets: { try await expect("groups lag matrix-readers --json", #""committedOffset":2"#) },
            .deleteGroupOffsets: {
                try await hera("groups delete matrix-readers --topic matrix:0 --yes")
                let left = try await hera("groups lag matrix-readers --json")
                try UnexpectedAnswer.unless(!left.contains(#""committedOffset":2"#), left)
            },
            .deleteGroups: {
                try await hera("groups delete matrix-readers --yes")
                try await expect("groups list", "no groups")
            },
            .deleteTopic: { try await expect("topics delete matrix --yes", "deleted matrix") },
        ])
        return topics.merging(groups) { topic, _ in topic }
    }

    @discardableResult
    private func hera(_ command: String) async throws -> String {
        let words = command.split(separator: " ").map(String.init) + ["--bootstrap", bootstrap]
        return try await UnexpectedAnswer.text(of: BuiltPackage.program(), words)
    }

    /// Spaces of JSON do not count.
    private func expect(_ command: String, _ wanted: String) async throws {
        let text = try await hera(command)
        let isJSON = command.hasSuffix("--json")
        try UnexpectedAnswer.unless((isJSON ? text.filter { $0 != " " } : text).contains(wanted), text)
    }
}
