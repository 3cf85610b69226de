import KafkaProtocol
import NIOCore
import PipelineTesting
import Testing

/// The greatest request of every API, by count and by size: whatever a client sends within the limits costs little memory
/// and computing time, and is answered or ends its connection.
@Suite(.timeLimit(.minutes(20)), .serialized) struct GreatestRequestTests {
    /// What one request may cost: a decoded request and its answer have tens of bytes for each of their elements, beside
    /// the bytes themselves.
    private static let memoryMax = 128 * 1024 * 1024
    private static let answerBytesMax = 24 * 1024 * 1024
    private static let cpuTimeMax = Duration.seconds(5)
    private static let logLinesMax = 250

    @Test(arguments: APIKey.allCases)
    func costsLittle(api: APIKey) async throws {
        let frames = GreatestRequests(of: api).all
        try await MeasuredIngestor.run { ingestor in
            let bystander = try await onThread { try RawConnection(to: ingestor.bootstrap) }
            for (what, frame) in frames {
                #expect(frame.readableBytes <= GreatestRequests.byteCountMax + 4, "\(api) \(what)")
                let lines = ingestor.process.errorOutput.soFar.count
                let cpuTime = try ingestor.cpuTime
                try ingestor.forgetPeakMemory()
                let before = try ingestor.peakMemory
                let answer = try await onThread {
                    let client = try RawConnection(to: ingestor.bootstrap, patience: .seconds(60))
                    return try client.send(frame) ? try client.answer() : nil
                }
                let spent = try ingestor.cpuTime - cpuTime
                let memory = try ingestor.peakMemory - before
                let written = ingestor.process.errorOutput.soFar.count - lines
                #expect(answer?.readableBytes ?? 0 <= Self.answerBytesMax, "\(api) \(what)")
                #expect(memory <= Self.memoryMax, "\(api) \(what)")
                #expect(spent <= Self.cpuTimeMax, "\(api) \(what)")
                #expect(written <= Self.logLinesMax, "\(api) \(what)")
                let all = try await onThread {
                    try bystander.exchange(MetadataRequest(topics: nil), version: 9, for: MetadataResponse.self)
                }
                #expect(all?.topics.isEmpty == false, "\(api) \(what)")
            }
        }
    }
}
