import CommitLog
import Testing

@Suite
struct LogConfigurationTests {
    @Test func everyEntryIsAValueOfItsSetting() throws {
        var configuration = LogConfiguration()
        configuration.flushPolicy = .interval(milliseconds: 250)
        configuration.retentionBytes = 12
        let texts = configuration.entries(defaults: LogConfiguration()).map { ($0.name, $0.value) }
        let again = try LogConfiguration().applying(Dictionary(uniqueKeysWithValues: texts))
        #expect(again == configuration)
    }

    @Test(arguments: [
        ("retention.ms", "-2"), ("retention.ms", "soon"), ("segment.bytes", "1"), ("cleanup.policy", "compact"),
        ("max.message.bytes", "-1"), ("flush.messages", "10"), ("flush.ms", "0"), ("no.such.setting", "1"),
    ])
    func invalidSettingsAreRefusedByName(name: String, value: String) {
        let error = #expect(throws: LogError.self) { try LogConfiguration().applying([name: value]) }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.description.contains(name) == true)
    }

    @Test func flushSettingsAreThePolicy() throws {
        #expect(try LogConfiguration().applying(["flush.messages": "1"]).flushPolicy == .always)
        #expect(try LogConfiguration().applying(["flush.ms": "250"]).flushPolicy == .interval(milliseconds: 250))
        #expect(try LogConfiguration().applying(["flush.ms": "250", "flush.messages": "1"]).flushPolicy == .always)
        #expect(try LogConfiguration().applying(["retention.ms": "-1"]).retentionMilliseconds == nil)
    }
}
