import Ingestor
import NIOCore
import NIOEmbedded
import Testing

@Suite struct FetchWaitTests {
    @Test func waitIsOverWhenEnoughBytesCame() throws {
        let loop = EmbeddedEventLoop()
        let wait = FetchWait(bytesMissing: 100, limit: .seconds(1), on: loop)
        var isOver = false
        wait.isOver.assumeIsolated().whenComplete { _ in isOver = true }
        wait.appended(60)
        #expect(!isOver)
        wait.appended(40)
        #expect(isOver)
        wait.appended(40)
        wait.finish()
        loop.advanceTime(by: .seconds(2))
    }

    @Test func aWaitForCommitsIsOverWhenTheCommitIsDone() {
        let loop = EmbeddedEventLoop()
        let wait = FetchWait(bytesMissing: 100, limit: .seconds(1), isWokenLater: true, on: loop)
        var isOver = false
        wait.isOver.assumeIsolated().whenComplete { _ in isOver = true }
        wait.appended(100)
        #expect(!isOver, "the group is locked")
        loop.run()
        #expect(isOver)
    }

    @Test func waitIsOverWhenItsTimeIs() {
        let loop = EmbeddedEventLoop()
        let wait = FetchWait(bytesMissing: 100, limit: .seconds(1), on: loop)
        var isOver = false
        wait.isOver.assumeIsolated().whenComplete { _ in isOver = true }
        loop.advanceTime(by: .milliseconds(999))
        #expect(!isOver)
        loop.advanceTime(by: .milliseconds(1))
        #expect(isOver)
    }

    @Test func waitIsOverWhenATopicIsDeleted() {
        let loop = EmbeddedEventLoop()
        let wait = FetchWait(bytesMissing: 100, limit: .seconds(1), on: loop)
        var isOver = false
        wait.isOver.assumeIsolated().whenComplete { _ in isOver = true }
        wait.logDeleted()
        #expect(isOver)
    }
}
