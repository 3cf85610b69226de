import Logging
import Testing

@testable import KafkaClient

@Suite struct ClientConfigurationTests {
    private func error(_ properties: [String: String]) -> KafkaClientError? {
        do {
            _ = try KafkaProducer(
                ProducerConfiguration(bootstrap: ["127.0.0.1:1"], properties: properties),
                logger: Logger(label: "test")
            )
            return nil
        } catch {
            return error
        }
    }

    @Test func anUnknownPropertyIsNamedAndTheLikelyOneSuggested() {
        let error = error(["securty.protocol": "ssl"])
        #expect(error?.code == .badConfiguration)
        #expect(error?.message.contains("'securty.protocol'") == true)
        #expect(error?.message.contains("'security.protocol'") == true)
    }

    @Test func aBadValueIsNamedWithItsProperty() {
        let error = error(["compression.type": "zip"])
        #expect(error?.code == .badConfiguration)
        #expect(error?.message.contains("'compression.type'") == true)
        #expect(error?.message.contains("'zip'") == true)
    }

    /// librdkafka 2.0.2 takes the lower 32 bits of it without a word.
    @Test func ofANumberThatIsTooLargeCountsWhatLibrdkafkaMakesOfIt() throws {
        let property = "queued.max.messages.kbytes"
        let configuration = ConsumerConfiguration(
            bootstrap: ["127.0.0.1:1"],
            properties: [property: "9007199254740993000"]
        )
        do {
            let consumer = try KafkaConsumer(configuration, logger: Logger(label: "test"))
            let kilobytes = try #require(consumer.handle.number(property))
            #expect((1...2_097_151).contains(kilobytes))
        } catch let error as KafkaClientError {
            #expect(error.code == .badConfiguration)
        }
    }

    @Test func aPropertyOfOursCannotBeSet() {
        #expect(error(["bootstrap.servers": "elsewhere:1"])?.message.contains("'bootstrap.servers'") == true)
    }

    @Test(arguments: ["sasl.password", "ssl.key.password", "ssl.keystore.password", "sasl.oauthbearer.client.secret"])
    func secretsAreInNoDescription(_ name: String) {
        let configuration = ClientConfiguration(
            bootstrap: ["h:1"],
            properties: [name: "hunter2", "security.protocol": "ssl"]
        )
        #expect(!"\(configuration)".contains("hunter2"))
        #expect("\(configuration)".contains("security.protocol=ssl"))
        #expect(error([name: "hunter2", "acks": "hunter"])?.description.contains("hunter2") == false)
    }

    @Test func noBootstrapAddressIsAnError() {
        #expect(throws: KafkaClientError.self) {
            try KafkaProducer(ProducerConfiguration(bootstrap: []), logger: Logger(label: "test"))
        }
    }
}
