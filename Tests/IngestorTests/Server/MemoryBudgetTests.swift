import Ingestor
import KafkaProtocol
import NIOCore
import Testing

/// Many large requests at once, and memory for one at a time: they wait, and none is dropped.
@Suite(.timeLimit(.minutes(15))) struct MemoryBudgetTests {
    @Test func requestsBeyondTheBudgetWaitAndAreAnswered() async throws {
        try await withIngestor(configure: {
            $0.topics = [events]
            $0.limits.requestBytesMax = 400_000
            $0.limits.requestMemoryBytesMax = 800_000
            $0.limits.receiveBufferBytesMax = 4_096
        }) { address in
            let value = String(repeating: "x", count: 300_000)
            let offsets = try await withThrowingTaskGroup(of: [Int64].self) { group in
                for _ in 0..<12 {
                    group.addTask {
                        try await withConnection(to: address) { client in
                            // Two in flight on each connection.
                            let ids = [
                                try await client.send(Batches.produce(Batches.batch([value])), version: 7),
                                try await client.send(Batches.produce(Batches.batch([value])), version: 7),
                            ]
                            var offsets: [Int64] = []
                            for id in ids {
                                let response: ProduceResponse = try await client.receive(version: 7, to: id)
                                offsets.append(response.only.baseOffset)
                            }
                            return offsets
                        }
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(offsets.sorted() == Array(0..<24))
        }
    }
}
