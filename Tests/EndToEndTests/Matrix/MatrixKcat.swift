import PipelineTesting

/// kcat in the matrix of clients and capabilities.
struct MatrixKcat {
    let bootstrap: String

    func outcomes() async -> [Capability: String] {
        await MatrixClient.outcomes(of: [
            .produce: { try await produce("none") },
            .describeTopic: {
                let text = try await kcat("-L", "-t", "matrix")
                try UnexpectedAnswer.unless(text.contains(#"topic "matrix" with"#), text)
            },
            .produceGzip: { try await produce("gzip") },
            .produceSnappy: { try await produce("snappy") },
            .produceLZ4: { try await produce("lz4") },
            .produceZstd: { try await produce("zstd") },
            .produceIdempotent: { try await produce("none", "-X", "enable.idempotence=true") },
            .consume: {
                let text = try await kcat("-C", "-e", "-q", "-t", "matrix", "-p", "0", "-X", "check.crcs=true")
                let expected = ["none", "gzip", "snappy", "lz4", "zstd", "none"].map { value($0) + "\n" }.joined()
                try UnexpectedAnswer.unless(text == expected, text)
            },
            .listOffsets: {
                for (time, offset) in ["-2": 0, "-1": 6, "0": 0] {
                    let text = try await kcat("-Q", "-t", "matrix:0:\(time)")
                    try UnexpectedAnswer.unless(text.contains("offset \(offset)"), text)
                }
            },
            .consumeInGroup: {
                let text = try await kcat(
                    "-G",
                    "matrix-readers",
                    "-c",
                    "6",
                    "-X",
                    "auto.offset.reset=earliest",
                    "-f",
                    "%k,",
                    "matrix"
                )
                try UnexpectedAnswer.unless(text == "none,gzip,snappy,lz4,zstd,none,", text)
            },
        ])
    }

    /// A value that is shorter when it is compressed: clients send others as they are.
    private func value(_ codec: String) -> String { String(repeating: codec, count: 100) }

    private func produce(_ codec: String, _ more: String...) async throws {
        let arguments = ["-P", "-b", bootstrap, "-t", "matrix", "-p", "0", "-k", codec, "-z", codec] + more
        _ = try await UnexpectedAnswer.text(of: BuiltPackage.systemProgram("kcat"), arguments, input: value(codec))
    }

    private func kcat(_ arguments: String...) async throws -> String {
        let all = ["-m", "30", "-b", bootstrap] + arguments
        return try await UnexpectedAnswer.text(of: BuiltPackage.systemProgram("kcat"), all)
    }
}
