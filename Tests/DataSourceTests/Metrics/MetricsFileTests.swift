import Files
import Foundation
import PipelineTesting
import Synchronization
import SystemPackage
import Testing

@testable import DataSource

/// The file of a source's metrics.
@Suite struct MetricsFileTests {
    /// The header, byte for byte as the original writes it.
    static let header = """
        connection-close-rate,connection-creation-rate,select-rate,io-wait-time-ns-avg,io-wait-ratio,io-time-ns-avg,\
        io-ratio,connection-count,network-io-rate,outgoing-byte-rate,request-rate,request-size-avg,request-size-max,\
        incoming-byte-rate,response-rate,request-latency-avg,request-latency-max,bufferpool-wait-ratio,batch-size-avg,\
        batch-size-max,compression-rate-avg,record-queue-time-avg,record-queue-time-max,produce-throttle-time-avg,\
        produce-throttle-time-max,record-send-rate,records-per-request-avg,byte-rate,record-retry-rate,\
        record-error-rate,record-size-max,record-size-avg,requests-in-flight,metadata-age
        """

    private static let row: MetricsRow = {
        var row = MetricsRow()
        row[.connectionCloseRate] = 0
        row[.connectionCreationRate] = 1.0 / 3
        row[.connectionCount] = 2
        row[.outgoingByteRate] = 123_456_789.5
        row[.metadataAge] = 0.000_000_4
        row[.requestRate] = .infinity
        row[.responseRate] = .nan
        return row
    }()
    private static let line = "0.0,0.333333,,,,,,2.0,,123456789.5,,,,,,,,,,,,,,,,,,,,,,,,0.0"

    private func write(_ rows: Int, to path: FilePath) throws {
        let file = try MetricsFile(path: path.string)
        for _ in 0..<rows { try file.append(Self.row) }
    }

    /// Byte for byte: Foundation's way to read a text leaves a byte order mark out.
    private func text(_ path: FilePath) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: path.string)), as: UTF8.self)
    }

    @Test func newFileHasTheHeaderAndItsRows() throws {
        try withTemporaryDirectory { directory throws in
            let path = directory.appending("metrics.csv")
            try write(2, to: path)
            #expect(try text(path) == "\(Self.header)\r\n\(Self.line)\r\n\(Self.line)\r\n")
            try write(1, to: path)
            #expect(try text(path) == "\(Self.header)\r\n\(Self.line)\r\n\(Self.line)\r\n\(Self.line)\r\n")
        }
    }

    /// What a file may hold before: `\n` stands for the line end that it then has everywhere.
    @Test(arguments: [
        ("\(header)\r\n1,2\r\n", "\r\n"), ("\(header)\n1,2\n", "\n"), ("\u{FEFF}\(header)\n", "\n"),
        ("\"" + header.replacing(",", with: "\",\"") + "\"\r\n", "\r\n"),
        (header.replacing(",", with: ", ") + "\n", "\n"),
        (line + "\n", "\n"),
    ])
    func originalsFileIsAppendedTo(before: String, lineEnd: String) throws {
        try withTemporaryDirectory { directory throws in
            let path = directory.appending("metrics.csv")
            try before.write(toFile: path.string, atomically: false, encoding: .utf8)
            try write(1, to: path)
            #expect(try text(path) == before + Self.line + lineEnd)
        }
    }

    @Test(arguments: [("\(header)\n1,2", "\n"), ("\(header)\r\n1,2", "\r\n"), (header, "\r\n")])
    func lastLineWithoutALineEndGetsOne(before: String, lineEnd: String) throws {
        try withTemporaryDirectory { directory throws in
            let path = directory.appending("metrics.csv")
            try before.write(toFile: path.string, atomically: false, encoding: .utf8)
            try write(1, to: path)
            #expect(try text(path) == before + lineEnd + Self.line + lineEnd)
        }
    }

    @Test(arguments: [
        ("a,b\n1,2\n", "has 2 columns, and theirs has 34"),
        ("hello", "has 1 column, and theirs has 34"),
        (header.replacing("select-rate", with: "sel\u{1B}ect") + "\n", "has 'sel\\u{1b}ect' in column 3"),
        (header.replacing("select-rate", with: String(repeating: "x", count: 900)) + "\n", "in column 3"),
        (String(repeating: "x", count: 10_000), "is no header"),
    ])
    func anotherFileIsRefusedAndLeftAsItIs(before: String, reason: String) throws {
        try withTemporaryDirectory { directory throws in
            let path = directory.appending("metrics.csv")
            try before.write(toFile: path.string, atomically: false, encoding: .utf8)
            #expect {
                try MetricsFile(path: path.string)
            } throws: { error in
                let text = "\(error)"
                return text.contains("\(path) is not a file of the source's metrics: its first line")
                    && text.contains(reason) && text.hasSuffix("Give another file, or move this one away")
                    && text.utf8.count < 600
            }
            #expect(try text(path) == before)
        }
    }

    @Test func placeThatCannotBeIsSaid() throws {
        try withTemporaryDirectory { directory throws in
            for path in [directory.string, directory.appending("none/metrics.csv").string] {
                #expect {
                    try MetricsFile(path: path)
                } throws: { error in
                    "\(error)".hasPrefix("cannot keep the metrics: cannot open \(path): ")
                }
            }
        }
    }

    /// The disk takes half of a row and then no more: nothing of it stays, and the next row is whole.
    @Test func rowThatDoesNotFitLeavesNothing() throws {
        try withTemporaryDirectory { directory throws in
            let path = directory.appending("metrics.csv")
            let room = Mutex<Int?>(nil)
            var calls = DiskCalls.system
            calls.write = { descriptor, head, body, position throws(Errno) in
                let limit = room.withLock { $0 }
                if limit == 0 { throw .noSpace }
                let part = UnsafeRawBufferPointer(rebasing: head.prefix(limit ?? head.count))
                if limit != nil { room.withLock { $0 = 0 } }
                return try DiskCalls.system.write(
                    descriptor,
                    part,
                    UnsafeRawBufferPointer(start: nil, count: 0),
                    position
                )
            }
            let file = try MetricsFile(path: path.string, disk: Disk(calls: calls))
            room.withLock { $0 = 5 }
            #expect {
                try file.append(Self.row)
            } throws: { error in
                "\(error)"
                    == "cannot keep the metrics: cannot write to \(path): No space left on device. Free space there"
            }
            #expect(try text(path) == "\(Self.header)\r\n")
            room.withLock { $0 = nil }
            try file.append(Self.row)
            #expect(try text(path) == "\(Self.header)\r\n\(Self.line)\r\n")
        }
    }
}
