import Ingestor
import NIOCore
import NIOEmbedded
import Testing

@Suite struct FetchWaitTests {
    @Test func waitIsOverWhenEnoughBytesCame() throws {
        let loop = EmbeddedEventLoop()
        let (waits, wait) = (FetchWaits(), FetchWait(bytesMissing: 100, limit: .seconds(1), on: loop))
        var isOver = false
        wait.isOver.assumeIsolated().whenComplete { _ in isOver = true }
        waits.add(wait)
        waits.appended(60)
        #expect(!isOver)
        waits.appended(40)
        #expect(isOver)
        waits.appended(40)
        wait.finish()
        loop.advanceTime(by: .seconds(2))
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

    @Test func waitThatWasTakenOutHearsNothing() {
        let loop = EmbeddedEventLoop()
        let (waits, wait) = (FetchWaits(), FetchWait(bytesMissing: 1, limit: .seconds(1), on: loop))
        var isOver = false
        wait.isOver.assumeIsolated().whenComplete { _ in isOver = true }
        waits.add(wait)
        waits.remove(wait)
        waits.appended(10)
        #expect(!isOver)
        wait.finish()
        #expect(isOver)
    }
}
