import Ingestor
import Synchronization
import Testing

@Suite struct RequestMemoryTests {
    /// Which waits were granted, in order.
    private final class Grants: Sendable {
        private let names = Mutex<[String]>([])
        var all: [String] { names.withLock { $0 } }
        func grant(_ name: String) { names.withLock { $0.append(name) } }
    }

    @Test func requestsBeyondTheLimitWaitInOrder() {
        let memory = RequestMemory(limit: 100)
        let grants = Grants()
        #expect(memory.reserve(60, orLater: {}) == nil)
        #expect(memory.reserve(50, orLater: { grants.grant("first") }) != nil)
        #expect(memory.reserve(10, orLater: { grants.grant("second") }) != nil, "nobody overtakes")
        #expect(grants.all.isEmpty)
        memory.release(60)
        #expect(grants.all == ["first", "second"])
        #expect(memory.used == 60)
    }

    @Test func someoneCanAlwaysGoOn() {
        let memory = RequestMemory(limit: 100)
        memory.charge(150)
        #expect(memory.reserve(90, orLater: {}) == nil, "no other request could make room")
        #expect(memory.reserve(1, orLater: {}) != nil)
    }

    @Test func chargedBytesMakeRoomWhenTheyAreDischarged() {
        let memory = RequestMemory(limit: 100)
        let grants = Grants()
        #expect(memory.reserve(50, orLater: {}) == nil)
        memory.charge(40)
        #expect(memory.reserve(50, orLater: { grants.grant("waiting") }) != nil)
        memory.discharge(40)
        #expect(grants.all == ["waiting"])
    }

    @Test func waitThatIsGivenUpIsNotGranted() throws {
        let memory = RequestMemory(limit: 100)
        let grants = Grants()
        #expect(memory.reserve(100, orLater: {}) == nil)
        let waits = ["first", "second"].map { name in memory.reserve(100, orLater: { grants.grant(name) }) }
        let first = try #require(waits[0])
        let second = try #require(waits[1])
        #expect(memory.giveUp(first))
        memory.release(100)
        #expect(grants.all == ["second"])
        #expect(memory.giveUp(second) == false, "it holds the room by now")
        memory.release(100)
        #expect(memory.used == 0)
    }
}
