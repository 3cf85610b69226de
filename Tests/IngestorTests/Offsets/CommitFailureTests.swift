import KafkaProtocol
import NIOEmbedded
import Synchronization
import Testing

@testable import Ingestor

@Suite struct CommitFailureTests {
    @Test func aCommitThatCannotBeStoredIsKnownUntilOneIsStored() throws {
        let disk = FaultyDisk()
        try withBroker(calls: disk.calls) { broker in
            let loop = EmbeddedEventLoop()
            let context = RequestContext(
                version: 8,
                clientID: "",
                clientHost: "",
                origin: .test,
                advertised: ListenAddress(host: "127.0.0.1", port: 9092),
                eventLoop: loop
            )
            func commit() {
                let place = OffsetCommitRequest.Partition(partition: 0, offset: 1)
                let request = OffsetCommitRequest(
                    groupID: "sink",
                    topics: [.init(name: "events", partitions: [place])]
                )
                _ = broker.commitOffsets(request, context)
            }
            func failures() -> (commits: Bool, storage: Bool) {
                (broker.commitsFail.load(ordering: .relaxed), broker.storageFails.load(ordering: .relaxed))
            }
            disk.fail([.write])
            commit()
            #expect(failures() == (commits: true, storage: false), "producing was not tried")
            disk.fail([])
            commit()
            #expect(failures() == (commits: false, storage: false))
            #expect(broker.offsets.offsets(of: "sink").count == 1)
        }
    }
}
