import PipelineTesting
import Testing

/// What kcat is told, and how its output is read.
enum Kcat {
    /// Separates the records of its input, and keys from values.
    private static let recordEnd = "\u{1e}"
    private static let keyEnd = "\u{1f}"
    private static let recordEndByte: UInt8 = 0x1e

    /// Sends keys, values and headers of `records`, as null where they are null. All of them have the same headers.
    static func produce(_ records: [PeerRecord], codec: String, to bootstrap: String) async throws {
        for (topicPartition, records) in Dictionary(grouping: records, by: { [$0.topic, "\($0.partition)"] }) {
            var input: [UInt8] = []
            for record in records {
                if let key = record.key { input += key.bytesOfHexadecimal + Array(keyEnd.utf8) }
                input += (record.value?.bytesOfHexadecimal ?? []) + Array(recordEnd.utf8)
            }
            _ = try await run(
                headers(of: records) + [
                    "-P", "-Z", "-K", keyEnd, "-D", recordEnd, "-z", codec, "-X", "enable.idempotence=true",
                ]
                    + ["-b", bootstrap, "-t", topicPartition[0], "-p", topicPartition[1]],
                input: input
            )
        }
    }

    /// All records of `topics`, by topic, partition and offset.
    static func consume(_ topics: [String], from bootstrap: String) async throws -> [PeerRecord] {
        var records: [PeerRecord] = []
        for topic in topics {
            let arguments = ["-C", "-e", "-o", "beginning", "-X", "check.crcs=true", "-b", bootstrap, "-t", topic]
            records += try read(try await run(arguments + ["-f", format]))
        }
        return records.sorted {
            ($0.topic, $0.partition, $0.offset ?? -1) < ($1.topic, $1.partition, $1.offset ?? -1)
        }
    }

    /// The next `count` records that `group` has not read yet; what was read is committed.
    static func consume(_ topics: [String], group: String, count: Int, from bootstrap: String) async throws
        -> [PeerRecord]
    {
        let arguments = ["-c", "\(count)", "-X", "auto.offset.reset=earliest", "-b", bootstrap, "-f", format]
        return try read(try await run(arguments + ["-G", group] + topics))
    }

    /// kcat's text of `headers`, which is all that it tells of them, in the place of the headers.
    static func text(_ headers: [[String?]]) -> [[String?]] {
        var text: [UInt8] = []
        for header in headers {
            if !text.isEmpty { text += Array(",".utf8) }
            text += Array("\(header.first.flatMap { $0 } ?? "")=".utf8)
            text += header.last.flatMap { $0 }.map(\.bytesOfHexadecimal) ?? Array("NULL".utf8)
        }
        return [[text.hexadecimal]]
    }

    private static func headers(of records: [PeerRecord]) -> [String] {
        (records.first?.headers ?? []).flatMap { header in
            let value = header.last.flatMap { $0 }.map { "=" + String(decoding: $0.bytesOfHexadecimal, as: UTF8.self) }
            return ["-H", (header.first.flatMap { $0 } ?? "") + (value ?? "")]
        }
    }

    /// A line of numbers, then as many bytes of key and value as it says, then the text of the headers.
    private static let format = "%t %p %o %T %K %S\n%k%s%h" + recordEnd

    private static func read(_ output: [UInt8]) throws -> [PeerRecord] {
        var rest = output[...]
        var records: [PeerRecord] = []
        while let lineEnd = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let words = String(decoding: rest[..<lineEnd], as: UTF8.self).split(separator: " ")
            try #require(words.count == 6, "kcat wrote the line \(words)")
            rest = rest[(lineEnd + 1)...]
            let key = try take(Int(words[4]), of: &rest)
            let value = try take(Int(words[5]), of: &rest)
            let end = try #require(rest.firstIndex(of: recordEndByte))
            var record = PeerRecord(
                topic: String(words[0]),
                partition: try #require(Int(words[1])),
                offset: Int(words[2]),
                timestamp: try #require(Int(words[3])),
                key: key,
                value: value
            )
            record.headers = [[rest[..<end].hexadecimal]]
            records.append(record)
            rest = rest[(end + 1)...]
        }
        return records
    }

    private static func take(_ count: Int?, of bytes: inout ArraySlice<UInt8>) throws -> [UInt8]? {
        let count = try #require(count)
        if count == -1 { return nil }
        try #require(bytes.count >= count, "kcat's output ends within a record")
        defer { bytes = bytes.dropFirst(count) }
        return Array(bytes.prefix(count))
    }

    private static func run(_ arguments: [String], input: [UInt8] = []) async throws -> [UInt8] {
        let result = try await runProgram(
            BuiltPackage.systemProgram("kcat"),
            arguments: ["-q", "-m", "30"] + arguments,
            input: input
        )
        try #require(result.status == .exited(0), "kcat \(arguments): \(result.errorText)")
        return result.output
    }
}
