import Testing

@testable import KafkaClient

@Suite struct FetchPacerTests {
    /// `#expect` cannot look into calls that change what they are made on.
    private func taking(_ pacer: inout FetchPacer, _ call: (inout FetchPacer) -> Bool) -> Bool { call(&pacer) }

    @Test func aQueueThatWasFullIsRemindedOfOnceWhenItIsHalfEmpty() {
        var pacer = FetchPacer(recordsMax: 1_000, bytesMax: .max)
        var reminders: [Int] = []
        var queued = 1_200
        while queued > 0 {
            if pacer.took(100, of: queued, bytes: 100) { reminders.append(queued - 100) }
            queued -= 100
        }
        #expect(reminders == [400])
    }

    @Test func aQueueThatIsFullByItsBytesIsRemindedOf() {
        var pacer = FetchPacer(recordsMax: .max, bytesMax: 1_000_000)
        #expect(!taking(&pacer) { $0.took(10, of: 100, bytes: 100_000) })
        #expect(taking(&pacer) { $0.took(50, of: 90, bytes: 500_000) })
    }

    @Test func aQueueThatWasNeverFullIsNotRemindedOf() {
        var pacer = FetchPacer(recordsMax: 1_000, bytesMax: 1_000_000)
        for _ in 0..<100 { #expect(!taking(&pacer) { $0.took(10, of: 20, bytes: 1_000) }) }
    }

    @Test func runningDryRemindsOnceAfterManyRecordsAndNeverAfterFew() {
        var pacer = FetchPacer(recordsMax: 1_000, bytesMax: .max)
        _ = pacer.took(10, of: 10, bytes: 10)
        #expect(!taking(&pacer) { $0.ranDry() })
        _ = pacer.took(300, of: 300, bytes: 300)
        #expect(taking(&pacer) { $0.ranDry() })
        #expect(!taking(&pacer) { $0.ranDry() })
    }
}
