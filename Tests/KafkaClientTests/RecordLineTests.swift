import KafkaTopics
import Testing

@testable import KafkaClient

@Suite struct RecordLineTests {
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
}
