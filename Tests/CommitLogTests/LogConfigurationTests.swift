import CommitLog
import KafkaProtocol
import Testing

@Suite
struct LogConfigurationTests {
    @Test func everyEntryIsAValueOfItsSetting() throws {
        var configuration = LogConfiguration()
        configuration.flushPolicy = .interval(milliseconds: 250)
        configuration.retentionBytes = 12
        let texts = configuration.entries(overrides: [:], defaults: configuration).map { ($0.name, $0.value) }
        let again = try LogConfiguration().applying(Dictionary(uniqueKeysWithValues: texts))
        #expect(again == configuration)
    }

    @Test(arguments: [
        ("retention.ms", "-2"), ("retention.ms", "soon"), ("segment.bytes", "1"), ("cleanup.policy", "shrink"),
        ("cleanup.policy", "comp act"), ("cleanup.policy", "compact,"),
        ("max.message.bytes", "-1"), ("flush.messages", "0"), ("flush.ms", "-1"), ("no.such.setting", "1"),
        ("compression.type", "zip"), ("message.timestamp.type", "logAppendTime"), ("remote.storage.enable", "true"),
        ("message.timestamp.before.max.ms", "-1"),
        ("compression.gzip.level", "0"), ("segment.jitter.ms", "-1"),
        ("min.insync.replicas", "0"), ("preallocate", "maybe"),
        ("min.cleanable.dirty.ratio", "1.5"), ("compression.zstd.level", "23"), ("local.retention.ms", "-3"),
        ("leader.replication.throttled.replicas", "0"), ("message.format.version", "new"),
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
        let both = try LogConfiguration().applying(["flush.ms": "250", "flush.messages": "10"])
        let texts = both.entries(overrides: [:], defaults: both).filter { $0.name.hasPrefix("flush.") }.map(\.value)
        #expect(texts == ["10", "250"])
    }

    @Test func whatChangesNothingOnOneNodeIsKeptAndShown() throws {
        let chosen = [
            "min.insync.replicas": "2", "delete.retention.ms": "5", "unclean.leader.election.enable": "true",
            "follower.replication.throttled.replicas": "0:0,1:0", "min.cleanable.dirty.ratio": "0.1",
            "message.format.version": "2.8-IV1", "preallocate": "true",
        ]
        let configuration = try LogConfiguration().applying(chosen)
        let entries = configuration.entries(overrides: chosen, defaults: LogConfiguration())
        for (name, value) in chosen {
            let entry = try #require(entries.first { $0.name == name })
            #expect(entry.value == value)
            #expect(entry.source == .topic, "\(name)")
            #expect(entry.sources.count == 2, "the value that it would have otherwise follows")
        }
        #expect(try configuration.applying(chosen) == configuration)
    }

    /// As Kafka reads them; a script in Python writes `True`.
    @Test(arguments: [
        ("preallocate", "True", "true"), ("unclean.leader.election.enable", " TRUE", "true"),
        ("retention.ms", " 1000\n", "1000"), ("cleanup.policy", " delete ", "delete"),
        ("leader.replication.throttled.replicas", "0:0, 1:0 ", "0:0,1:0"), ("min.cleanable.dirty.ratio", " 0.1", "0.1"),
    ])
    func spaceAndCaseMeanNothing(name: String, value: String, read: String) throws {
        let configuration = try LogConfiguration().applying([name: value])
        let entries = configuration.entries(overrides: [name: value], defaults: LogConfiguration())
        #expect(entries.first { $0.name == name }?.value == read)
    }

    @Test func settingsAreCheckedTogether() throws {
        let lags = ["min.compaction.lag.ms": "10", "max.compaction.lag.ms": "9"]
        let error = #expect(throws: LogError.self) { try LogConfiguration().applying(lags) }
        #expect(error?.description.contains("max.compaction.lag.ms (9)") == true)
        _ = try LogConfiguration().applying(["min.compaction.lag.ms": "10", "max.compaction.lag.ms": "10"])
    }

    @Test func aValueSaysWhereItIsFrom() throws {
        var node = LogConfiguration()
        node.retentionBytes = 7
        let chosen = ["retention.bytes": "9"]
        let configuration = try node.applying(chosen)
        let own = try #require(
            configuration.entries(overrides: chosen, defaults: node).first { $0.name == "retention.bytes" }
        )
        #expect(own.sources.map(\.place) == [.topic, .staticBroker, .defaultValue])
        #expect(own.sources.map(\.name) == ["retention.bytes", "log.retention.bytes", "log.retention.bytes"])
        #expect(own.sources.map(\.value) == ["9", "7", "-1"])
        let inherited = try #require(
            node.entries(overrides: [:], defaults: node).first { $0.name == "retention.bytes" }
        )
        #expect(inherited.source == .staticBroker)
        #expect(inherited.isDefault, "it was not chosen for the topic")
    }

    @Test func everySettingOfATopicInKafkaIsThere() {
        let names = TopicSetting.all.map(\.name)
        #expect(names == names.sorted())
        #expect(names.count == 36)
    }
}
