import CommitLog
import Files
import Foundation
import KafkaProtocol
import NIOCore
import PipelineTesting
import SystemPackage
import Testing

@testable import Ingestor

@Suite struct LiveSettingsTests {
    private let name = LiveSettings.offsetsRetention

    private func set(_ value: String?, _ scope: LiveSettings.Scope, in settings: LiveSettings) throws -> Set<String> {
        try settings.change(scope, onlyChecks: false) { $0[name] = value }
    }

    private func minutes(_ settings: LiveSettings) -> Int64? {
        settings.offsetsRetention.map { $0.nanoseconds / 60_000_000_000 }
    }

    @Test func theNodesOwnIsStrongerThanThatOfAllAndBothStay() throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("node-settings.json")
            let settings = try LiveSettings(at: path)
            #expect(minutes(settings) == nil)
            #expect(try set("30", .all, in: settings) == [name])
            #expect(minutes(settings) == 30)
            #expect(try set("20", .node, in: settings) == [name])
            #expect(try set("20", .node, in: settings).isEmpty, "nothing changed")
            #expect(minutes(settings) == 20)
            let again = try LiveSettings(at: path)
            #expect(minutes(again) == 20)
            #expect(try set(nil, .node, in: again) == [name])
            #expect(minutes(again) == 30)
            #expect(minutes(try LiveSettings(at: path)) == 30)
        }
    }

    @Test(arguments: ["", "0", "-1", "52560001", "7 days", "1.5", "99999999999999999999"])
    func whatIsNoNumberOfMinutesIsRefused(value: String) throws {
        try withTemporaryDirectory { directory in
            let settings = try LiveSettings(at: directory.appending("node-settings.json"))
            let refusal = #expect(throws: TopicRefusal.self) { try set(value, .node, in: settings) }
            #expect(refusal?.code == .invalidConfig)
            #expect(minutes(settings) == nil)
        }
    }

    @Test func aCheckChangesNothing() throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("node-settings.json")
            let settings = try LiveSettings(at: path)
            #expect(try settings.change(.node, onlyChecks: true) { $0[name] = "5" }.isEmpty)
            #expect(minutes(settings) == nil)
            #expect(!FileManager.default.fileExists(atPath: path.string))
        }
    }

    @Test func whatCannotBeWrittenIsNotUsed() throws {
        try withTemporaryDirectory { directory in
            var calls = DiskCalls.system
            calls.synchronize = { _ throws(Errno) in throw .noSpace }
            let path = directory.appending("node-settings.json")
            let settings = try LiveSettings(at: path, disk: Disk(calls: calls))
            let refusal = #expect(throws: TopicRefusal.self) { try set("5", .all, in: settings) }
            #expect(refusal?.code == .kafkaStorageError)
            #expect(minutes(settings) == nil)
            #expect(minutes(try LiveSettings(at: path)) == nil)
        }
    }

    static let golden = """
        {"crc32c":"%","kind":"node-settings","version":2}
        {
          "all" : {

          },
          "node" : {
            "offsets.retention.minutes" : "20160"
          }
        }

        """

    @Test func theFormOfTheFileIsFixed() throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("node-settings.json")
            _ = try set("20160", .node, in: try LiveSettings(at: path))
            let text = try String(contentsOfFile: path.string, encoding: .utf8)
            let checksum = try #require(text.split(separator: "\"").dropFirst(3).first)
            #expect(text == Self.golden.replacingOccurrences(of: "%", with: checksum))
        }
    }

    @Test(arguments: [#"{"all":{},"node":{"node.id":"3"}}"#, #"{"all":{}}"#, "no settings", ""])
    func anotherFileIsRefusedWithItsCure(payload: String) throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("node-settings.json")
            try StateFile(path, kind: "node-settings", version: 2, cure: "").write(Array(payload.utf8))
            let error = #expect(throws: IngestorError.self) { try LiveSettings(at: path) }
            #expect(error?.code == .corruptFile)
            #expect(error?.message.contains("Move it away") == true)
        }
    }
}
