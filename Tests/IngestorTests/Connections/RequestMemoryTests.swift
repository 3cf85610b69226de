import Ingestor
import PipelineTesting
import Synchronization
import Testing

@Suite struct RequestMemoryTests {
    /// Which waits were granted, in order, and the lanes that came with them.
    private final class Grants: Sendable {
        private let state = Mutex<[(name: String, lane: RequestMemory.Lane?)]>([])
        var all: [String] { state.withLock { $0.map(\.name) } }
        func lane(of name: String) -> RequestMemory.Lane? {
            state.withLock { grants in grants.last { $0.name == name }?.lane }
        }
        func grant(_ name: String) -> @Sendable (RequestMemory.Lane?) -> Void {
            { lane in self.state.withLock { $0.append((name, lane)) } }
        }
    }

    /// 100 bytes for all, a lane for requests up to 10 and one for those up to 50.
    private let memory = RequestMemory(limit: 160, laneSizes: [10, 50])
    private let grants = Grants()

    private func ask(_ step: Int, holding held: Int = 0, of whole: Int, as name: String = "") -> RequestMemory.Admission
    {
        memory.admit(step, holding: held, of: whole, orLater: grants.grant(name))
    }

    private func lane(_ admission: RequestMemory.Admission) throws -> RequestMemory.Lane {
        guard case .admitted(let lane?) = admission else {
            Issue.record("\(admission) is no lane")
            throw CancellationError()
        }
        return lane
    }

    @Test func requestIsAdmittedWhereThereIsRoom() {
        memory.charge(50, in: nil)
        #expect(ask(50, of: 50) == .admitted(nil))
        #expect(!memory.isShort)
    }

    @Test func announcedBytesTakeNoRoom() {
        for _ in 0..<1_000 { #expect(ask(1, of: 50) == .admitted(nil)) }
        #expect(memory.used == 0)
    }

    @Test func largeRequestDoesNotHoldUpSmallerOnes() throws {
        memory.charge(100, in: nil)
        let large = try lane(ask(10, holding: 40, of: 50))
        // It took its bytes along; others have the room.
        memory.charge(40, in: nil)
        #expect(ask(30, holding: 30, of: 50, as: "large") != .admitted(nil))
        _ = try lane(ask(80, holding: 0, of: 9))
        #expect(memory.isShort)
        #expect(grants.all.isEmpty)
        // The one in the lane is answered.
        memory.release(40, in: large)
        memory.leave(large, holding: 0)
        #expect(grants.all == ["large"])
        #expect(!memory.isShort)
        #expect(memory.used == 100)
    }

    @Test func laneTakesTheOldestOfItsSize() throws {
        memory.charge(100, in: nil)
        let first = try lane(ask(10, of: 50))
        for name in ["a", "b"] { #expect(ask(10, of: 50, as: name) != .admitted(nil)) }
        memory.leave(first, holding: 0)
        #expect(grants.all == ["a"])
        memory.leave(try #require(grants.lane(of: "a")), holding: 0)
        #expect(grants.all == ["a", "b"])
    }

    @Test func roomGoesToWhoWaitedLongest() throws {
        memory.charge(100, in: nil)
        _ = try lane(ask(10, of: 50))
        _ = try lane(ask(10, of: 10))
        for (name, whole) in [("a", 50), ("b", 10), ("c", 50)] { _ = ask(40, of: whole, as: name) }
        memory.release(60, in: nil)
        #expect(grants.all == ["a"])
        memory.charge(40, in: nil)
        memory.release(40, in: nil)
        #expect(grants.all == ["a", "b"])
    }

    @Test func waitThatIsGivenUpIsNotGranted() throws {
        memory.charge(100, in: nil)
        _ = try lane(ask(10, of: 50))
        guard case .waiting(let ticket) = ask(10, of: 50, as: "gone") else {
            Issue.record("it waits")
            return
        }
        _ = ask(10, of: 50, as: "next")
        #expect(memory.giveUp(ticket))
        #expect(!memory.giveUp(ticket))
        memory.release(100, in: nil)
        #expect(grants.all == ["next"])
        #expect(!memory.isShort)
    }

    /// Any number of requests of any size, each of which goes on when it may: all come to an end, and the limit holds.
    @Test(arguments: Seeds.chosen(Array(1...50)))
    func everyRequestIsServedWithinTheLimit(seed: UInt64) throws {
        try withSeed(seed) { generator in
            let memory = RequestMemory(limit: 160, laneSizes: [10, 50])
            let granted = Mutex<[(Int, RequestMemory.Lane?)]>([])
            var left = (0..<60).map { _ in Int.random(in: 1...50, using: &generator) }
            let whole = left
            var held = [Int](repeating: 0, count: left.count)
            var lanes = [RequestMemory.Lane?](repeating: nil, count: left.count)
            var ready = Set(left.indices)
            // Grants that are on their way may be overtaken by others, each by one step.
            var pendingMax = 0
            while left.contains(where: { $0 > 0 }) {
                pendingMax = max(pendingMax, granted.withLock(\.count))
                for (index, lane) in granted.withLock({ grants in
                    defer { grants = [] }; return grants
                }) {
                    lanes[index] = lane
                    read(index)
                }
                guard left.contains(where: { $0 > 0 }) else { break }
                guard let index = ready.sorted().randomElement(using: &generator) else {
                    #expect(granted.withLock { !$0.isEmpty }, "someone can always go on")
                    if granted.withLock({ $0.isEmpty }) { return }
                    continue
                }
                if lanes[index] != nil {
                    read(index)
                    continue
                }
                let admission = memory.admit(min(5, left[index]), holding: held[index], of: whole[index]) { lane in
                    granted.withLock { $0.append((index, lane)) }
                }
                switch admission {
                case .admitted(let lane):
                    lanes[index] = lane
                    read(index)
                case .waiting: ready.remove(index)
                }
            }
            #expect(memory.used == 0)

            func read(_ index: Int) {
                let step = min(5, left[index])
                memory.charge(step, in: lanes[index])
                held[index] += step
                left[index] -= step
                #expect(memory.used <= 160 + 5 * pendingMax)
                if left[index] > 0 {
                    ready.insert(index)
                } else {
                    ready.remove(index)
                    memory.release(held[index], in: lanes[index])
                    if let lane = lanes[index] { memory.leave(lane, holding: 0) }
                }
            }
        }
    }
}
