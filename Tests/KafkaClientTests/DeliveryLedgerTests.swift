import KafkaTopics
import Logging
import Testing

@testable import KafkaClient

@Suite struct DeliveryLedgerTests {
    private let partition = TopicPartition(topic: "t", partition: 0)
    private let error = KafkaClientError(.timedOut, "cannot write: no answer")

    private func acknowledgement(_ count: Int, from offset: Int64 = 0) -> DeliveryReport.Acknowledgement {
        DeliveryReport.Acknowledgement(
            topicPartition: partition,
            count: count,
            firstOffset: offset,
            lastOffset: offset + Int64(count) - 1,
            latency: .milliseconds(1)
        )
    }

    @Test func aPlaceTravelsThroughAnOpaquePointer() {
        for place in [
            DeliveryLedger.Place(entry: 0, record: 0), .init(entry: 0, record: 7), .init(entry: 9, record: 0),
            .init(entry: .max, record: Int(UInt32.max)),
        ] {
            #expect(DeliveryLedger.Place(opaque: place.opaque) == place)
        }
    }

    @Test func aBatchIsSettledByItsLastRecordAndItsPlaceIsUsedAgain() {
        var ledger = DeliveryLedger()
        let first = ledger.open(BatchDelivery(records: 5))
        ledger.handOver(5)
        #expect(ledger.acknowledge(first, acknowledgement(3))?.report.records == nil)
        #expect(ledger.fail(.init(entry: first, record: 4), error, wasInFlight: true)?.report.records == nil)
        #expect(ledger.inFlight == 1)
        let settled = ledger.fail(.init(entry: first, record: 3), error, wasInFlight: true)
        #expect(settled?.report.acknowledgedCount == 3)
        #expect(settled?.report.failures.map(\.records) == [[4, 3]])
        #expect(ledger.inFlight == 0)
        #expect(ledger.openBatches == 0)
        #expect(ledger.open(BatchDelivery(records: 1)) == first)
    }

    @Test func recordsThatWereNeverTakenAreNotInFlight() {
        var ledger = DeliveryLedger()
        let entry = ledger.open(BatchDelivery(records: 10))
        ledger.handOver(10)
        ledger.takeBack(4)
        #expect(ledger.inFlight == 6)
        #expect(ledger.fail(entry, 6..<10, error, wasInFlight: false)?.report.records == nil)
        #expect(ledger.inFlight == 6)
        #expect(ledger.acknowledge(entry, acknowledgement(6))?.report.failedCount == 4)
    }

    @Test func aSenderWaitsUntilHalfOfWhatIsInFlightIsSettled() {
        var state = ProducerState(
            events: ClientEvents(configuration: .init(bootstrap: []), logger: .init(label: "test"))
        )
        let entry = state.ledger.open(BatchDelivery(records: 100))
        #expect(state.takeOver(100) == nil)
        let room = OneAnswer<Bool>()
        let waits = state.wait(room)
        #expect(waits)
        _ = state.ledger.acknowledge(entry, acknowledgement(49))
        #expect(state.takeSendersWithRoom().isEmpty)
        _ = state.ledger.acknowledge(entry, acknowledgement(1, from: 49))
        #expect(state.takeSendersWithRoom().count == 1)
        #expect(state.takeSendersWithRoom().isEmpty)
        // Nothing to wait for: try again at once.
        _ = state.ledger.acknowledge(entry, acknowledgement(50, from: 50))
        let waitsForNothing = state.wait(room)
        #expect(!waitsForNothing)
    }
}
