import Testing

@Suite(.timeLimit(.minutes(15))) struct AcknowledgedTests {
    private struct Broken: Error {}

    @Test func waitReturnsWithTheLastRecord() async throws {
        let acknowledged = Acknowledged()
        async let wait: Void = acknowledged.wait(until: 2)
        acknowledged.record(0, of: 0, at: 0)
        acknowledged.record(1, of: 0, at: 1)
        try await wait
        #expect(acknowledged.offsets(of: 0) == [0: 0, 1: 1])
    }

    @Test func waitFailsWithTheLoad() async throws {
        let acknowledged = Acknowledged()
        let before = Task { try await acknowledged.wait(until: 1) }
        acknowledged.end(Broken())
        await #expect(throws: Broken.self) { try await before.value }
        await #expect(throws: Broken.self) { try await acknowledged.wait(until: 1) }
    }

    @Test func waitEndsWhenItIsCancelled() async throws {
        let acknowledged = Acknowledged()
        let wait = Task { try await acknowledged.wait(until: 1) }
        wait.cancel()
        await #expect(throws: CancellationError.self) { try await wait.value }
    }
}
