import Community
import KafkaClient
import Testing

@testable import DataSource

@Suite struct DryRunTests {
    private func print(_ form: PrintedForm, further: Int) async throws -> [String] {
        var configuration = DataSourceConfiguration(
            community: CommunityConfiguration(seed: 42, initialSize: 3),
            producer: ProducerConfiguration(bootstrap: ["nobody:1"]),
            startedAtMilliseconds: 0
        )
        configuration.furtherRecords = further
        var output: [UInt8] = []
        try await DryRun(configuration, clock: ContinuousClock(), form: form).run { output += $0 }
        #expect(output.last == UInt8(ascii: "\n"))
        return String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test func aLineHasTopicKeyAndValue() async throws {
        let lines = try await print(.text, further: 0)
        #expect(lines.count == 18)
        #expect(
            lines.first
                == "utenti\tCA_1\t{\"id_utente\": \"CA_1\", \"Sesso\": \"M\", \"Data di Nascita\": \"1941-11-25\", "
                + "\"Eta\": 79, \"Provincia\": \"BO\"}"
        )
    }

    @Test func tombstonesHaveNoValue() async throws {
        let lines = try await print(.text, further: 5_000).filter { $0.contains("NULL RECORD") }
        #expect(Set(lines) == ["utenti\tNULL RECORD\tNULL", "premi\tNULL RECORD\tNULL"])
        let objects = try await print(.json, further: 5_000).filter { $0.contains("NULL RECORD") }
        #expect(objects.contains(#"{"topic": "utenti", "key": "NULL RECORD", "value": null}"#))
        #expect(objects.count == lines.count)
    }

    @Test func objectsHaveTheSameRecords() async throws {
        let lines = try await print(.text, further: 500)
        let objects = try await print(.json, further: 500)
        let expected = lines.map { line in
            let parts = line.split(separator: "\t")
            let value = parts[2] == "NULL" ? "null" : String(parts[2])
            return "{\"topic\": \"\(parts[0])\", \"key\": \"\(parts[1])\", \"value\": \(value)}"
        }
        #expect(objects == expected)
    }

    @Test func aConfigurationThatMakesNoSenseIsExplained() async throws {
        var configuration = DataSourceConfiguration(
            community: CommunityConfiguration(initialSize: 1),
            producer: ProducerConfiguration(bootstrap: ["nobody:1"]),
            startedAtMilliseconds: 0
        )
        configuration.rate = 0
        let run = DryRun(configuration, clock: ContinuousClock(), form: .text)
        await #expect(throws: DataSourceError.self) { try await run.run { _ in } }
    }
}
