import Foundation
import Logging
import PipelineTesting
import ServiceLifecycle
import SystemPackage
import Testing

@testable import ConnectRuntime
@testable import Pipeline

@Suite(.timeLimit(.minutes(15))) struct StatusTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func partition(_ state: SinkPartitionStatus.State, reason: String? = nil) -> SinkPartitionStatus {
        SinkPartitionStatus(
            topic: "utenti",
            partition: 1,
            state: state,
            reason: reason,
            position: 90,
            durable: 80,
            highWatermark: 100,
            delivered: 70,
            filtered: 10,
            deadLettered: 5,
            absent: 0,
            lost: 0
        )
    }

    private func status(_ stages: [PipelineStatus.Stage], sink: SinkTaskStatus? = nil) -> PipelineStatus {
        PipelineStatus(startedAtMilliseconds: 0, updatedAtMilliseconds: 60_000, stages: stages, sink: sink)
    }

    @Test func stageWithRecordsInFlightStallsWhenNoneIsProcessed() {
        let board = StageBoard()
        let start = ContinuousClock.now
        board.began(StageBoard.Name.source, at: start)
        board.progressed(StageBoard.Name.source, records: 5, inFlight: 2, at: start)
        board.progressed(StageBoard.Name.source, records: 5, inFlight: 2, at: start + .seconds(29))
        #expect(board.stages(sink: nil, at: start + .seconds(29)).map(\.state) == [.running])
        #expect(board.stages(sink: nil, at: start + .seconds(30)).map(\.state) == [.stalled])
        #expect(board.stages(sink: nil, at: start + .seconds(30)).first?.reason?.contains("30 s") == true)
        board.progressed(StageBoard.Name.source, records: 6, inFlight: 1, at: start + .seconds(31))
        #expect(board.stages(sink: nil, at: start + .seconds(60)).map(\.state) == [.running])
        board.progressed(StageBoard.Name.source, records: 6, inFlight: 0, at: start + .seconds(60))
        #expect(board.stages(sink: nil, at: start + .seconds(999)).map(\.state) == [.running], "idle is well")
    }

    @Test(arguments: [
        (SinkTaskStatus.State.running, SinkPartitionStatus.State.running, PipelineStatus.Stage.State.running),
        (.degraded, .degraded, .degraded), (.failed, .failed, .failed), (.running, .failed, .degraded),
        (.running, .stalled, .stalled), (.unassigned, .opening, .running),
    ])
    func sinkIsAsItsTaskSays(
        task: SinkTaskStatus.State,
        part: SinkPartitionStatus.State,
        expected: PipelineStatus.Stage.State
    ) throws {
        let board = StageBoard()
        board.began(StageBoard.Name.sink)
        let sink = SinkTaskStatus(state: task, reason: nil, partitions: [partition(part, reason: "because")])
        let stage = try #require(board.stages(sink: sink).first)
        #expect(stage.state == expected)
        #expect(stage.records == 85)
        #expect(stage.lag == 20)
    }

    @Test func failuresOfStagesAndPartitionsAreFailures() {
        #expect(!status([.init(name: "sink", state: .degraded)]).hasFailure)
        #expect(status([.init(name: "sink", state: .retrying)]).hasFailure)
        let sink = SinkTaskStatus(state: .running, reason: nil, partitions: [partition(.failed, reason: "x")])
        #expect(status([.init(name: "sink", state: .running)], sink: sink).hasFailure)
    }

    @Test func textSaysEachStageInALine() {
        var current = status([
            .init(name: "ingestor", state: .running),
            .init(name: "sink", state: .retrying, reason: "disk\nfull", records: 1200, lag: 3, failures: 2),
        ])
        current.kafka = "127.0.0.1:9092"
        #expect(
            current.text(directory: "d", atMilliseconds: 61_000) == """
                the pipeline in d has been running for 60 s
                  ingestor  running at 127.0.0.1:9092
                  sink      retrying, 1,200 records, 3 in flight, failed 2 times: disk\\nfull
                """
        )
        #expect(current.text(directory: "d", atMilliseconds: 80_000).contains("is old, from 20 s ago"))
        #expect(current.freshness(atMilliseconds: 75_001) == .old)
        current.isStopped = true
        #expect(current.text(directory: "d", atMilliseconds: 80_000).contains("stopped 20 s ago after 60 s"))
    }

    @Test func textFromOutsideIsEscaped() {
        let sink = SinkTaskStatus(state: .running, reason: nil, partitions: [partition(.failed, reason: "a\u{1B}[2J")])
        let current = status(
            [.init(name: "sink", state: .running, failures: 1, lastFailure: "b\u{1B}[2J")],
            sink: sink
        )
        for text in [current.text(directory: "d", atMilliseconds: 61_000), current.summary(after: .seconds(1))] {
            #expect(!text.contains("\u{1B}"))
            #expect(text.contains(#"a\u{1b}[2J"#))
        }
    }

    @Test func statusThatWasWrittenIsRead() async throws {
        let folder = ScratchDirectory()
        let path = folder.path.appending("run/status.json").string
        let file = StatusFile(path: path)
        #expect(try file.read() == nil)
        var last = status([.init(name: "sink", state: .ended, failures: 1, lastFailure: "é")])
        file.writeLast(last)
        #expect(try file.read() == nil, "a pipeline that never served leaves the file of another one alone")
        last.kafka = "127.0.0.1:1"
        last.sink = SinkTaskStatus(state: .stopped, reason: nil, partitions: [partition(.running)])
        file.writeLast(last)
        #expect(try file.read() == last)
        try Data("{}".utf8).write(to: URL(fileURLWithPath: path))
        #expect(throws: StatusFileError.self) { try file.read() }
    }

    @Test func runningPipelineWritesAgainAndAgain() async throws {
        struct Writer: Service {
            let file: StatusFile
            let status: @Sendable () -> PipelineStatus
            let logger: Logger
            func run() async throws { await file.follow(status, every: .milliseconds(1), logger: logger) }
        }
        let folder = ScratchDirectory()
        let file = StatusFile(path: folder.path.appending("run/status.json").string)
        let (calls, continuation) = AsyncStream<Void>.makeStream()
        let value = status([.init(name: "ingestor", state: .running)])
        let writer = Writer(
            file: file,
            status: {
                continuation.yield()
                return value
            },
            logger: logger
        )
        try await whileRunning(writer) {
            var count = 0
            for await _ in calls {
                count += 1
                if count == 3 { break }
            }
        }
        #expect(try file.read() == value)
    }
}
