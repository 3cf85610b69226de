import KafkaClient
import KafkaTopics
import Logging
import PipelineTesting
import Synchronization
import Testing

@testable import hera

@Suite(.timeLimit(.minutes(15))) struct TopicTailTests {
    /// The line of a record with these bytes.
    private func line(
        _ form: RecordLine,
        headers: [RecordHeader] = [],
        key: [UInt8]? = nil,
        value: [UInt8]?
    ) -> String {
        var lines: [UInt8] = []
        (key ?? []).withUnsafeBytes { keyBytes in
            (value ?? []).withUnsafeBytes { valueBytes in
                let record = RecordLine.Fields(
                    partition: 3,
                    offset: 41,
                    timestamp: Timestamp(milliseconds: 1_616_583_600_000),
                    headers: headers,
                    key: key.map { _ in keyBytes },
                    value: value.map { _ in valueBytes }
                )
                form.append(record, to: &lines)
            }
        }
        return String(decoding: lines, as: UTF8.self)
    }

    private let headers = [
        RecordHeader(name: "a", value: Array("1".utf8)), RecordHeader(name: "b\n", value: nil),
    ]

    @Test func lineIsTheValueUnlessMoreIsAskedFor() {
        var form = RecordLine()
        #expect(line(form, headers: headers, key: Array("k".utf8), value: Array("v\n".utf8)) == "v\n\n")
        #expect(line(form, value: nil) == "null\n")
        form.showsKeys = true
        #expect(line(form, value: Array("v".utf8)) == "null\tv\n")
        form.showsHeaders = true
        #expect(line(form, headers: headers, key: Array("k".utf8), value: Array("v".utf8)) == "a=1,b\n=null\tk\tv\n")
    }

    @Test func escapedRecordIsOneLineAndNoCommand() {
        var form = RecordLine()
        form.isEscaped = true
        form.showsKeys = true
        form.showsHeaders = true
        let shown = line(form, headers: headers, key: [0x1B, 0x5B], value: Array("one\ntwo\t".utf8) + [0x9B])
        #expect(shown == #"a=1,b\n=null"# + "\t" + #"\u{1b}["# + "\t" + #"one\ntwo\t\x9b"# + "\n")
    }

    @Test func jsonHasAllOfARecord() {
        var form = RecordLine()
        form.isJSON = true
        #expect(
            line(form, headers: headers, key: [0xFF], value: Array("a/\n".utf8))
                == #"{"headers":[{"name":"a","value":"1"},{"name":"b\n","value":null}],"key":{"base64":"/w=="},"#
                + #""offset":41,"partition":3,"timestamp":1616583600000,"value":"a/\n"}"# + "\n"
        )
        #expect(line(form, value: nil).contains(#""key":null"#))
        #expect(line(form, value: nil).contains(#""value":null"#))
    }

    @Test func tailPrintsWhatIsThereAndEndsAfterItsCount() async throws {
        let cluster = try MockCluster()
        try cluster.create("t")
        let client = ClientConfiguration(bootstrap: cluster.bootstrap)
        let logger = Logger(label: "test")
        try await withProducer(ProducerConfiguration(client: client), logger: logger) { producer in
            _ = try await producer.send(KafkaRecord(topic: "t", key: "a", value: "uno"))
            _ = try await producer.send(KafkaRecord(topic: "t", key: "b", value: nil))
            _ = try await producer.send(KafkaRecord(topic: "t", key: nil, value: "due"))
            _ = try await producer.send(KafkaRecord(topic: "t", key: nil, value: "tre"))
        }
        let shown = Shown()
        var tail = TopicTail("t", client: client, logger: logger) { lines in
            shown.text.withLock { $0 += String(decoding: lines, as: UTF8.self) }
        }
        tail.isFromBeginning = true
        tail.line.showsKeys = true
        tail.countMax = 3
        try await tail.run()
        #expect(shown.text.withLock { $0 } == "a\tuno\nb\tnull\nnull\tdue\n")

        let missing = TopicTail("missing", client: client, logger: logger) { _ in }
        let error = await #expect(throws: KafkaClientError.self) { try await missing.run() }
        #expect(error?.code == .unknownTopic)
    }

    /// What a tail has written.
    private final class Shown: Sendable {
        let text = Mutex("")
    }
}
