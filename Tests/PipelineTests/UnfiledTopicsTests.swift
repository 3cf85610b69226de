import Logging
import Testing

@testable import Pipeline

@Suite struct UnfiledTopicsTests {
    @Test(arguments: [
        ("comportamento", true), ("comportamenti", false), ("dlq", false), ("__consumer_offsets", false),
        ("_mine", true),
    ])
    func topicsThatNoSinkFilesAreFound(topic: String, isUnfiled: Bool) {
        let topics = UnfiledTopics(
            filed: ["utenti", "comportamenti", "premi"],
            deadLetterTopic: "dlq",
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        #expect(topics.isUnfiled(topic) == isUnfiled)
    }
}
