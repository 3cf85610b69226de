import Pipeline
import Storage
import SystemPackage
import Testing

/// Where files lie, as settings say it.
@Suite struct StorageSettingsTests {
    private func configuration(_ environment: [String: String]) async throws -> PipelineConfiguration {
        try await PipelineConfiguration.load(file: nil, environment: environment)
    }

    @Test func filesLieInThePipelinesDirectoryByDefault() async throws {
        let configuration = try await configuration(["HERA_DATA": "d"])
        #expect(try configuration.storageLocation() == .directory(FilePath("d/storage")))
    }

    @Test(arguments: ["hdfs://namenode:8020/user/hera", "webhdfs://one,two:1/x", "swebhdfs://nn/"])
    func anHDFSIsALocation(url: String) async throws {
        let configuration = try await configuration(["HERA_STORAGE_URL": url])
        guard case .hdfs = try configuration.storageLocation() else {
            Issue.record("\(url) is no HDFS")
            return
        }
        _ = try configuration.fileSystem()
    }

    @Test(arguments: [
        ("HERA_STORAGE_URL", "s3://bucket/x"), ("HERA_STORAGE_URL", ""), ("HERA_STORAGE_URL", "~/x"),
        ("HERA_STORAGE_URL", "webhdfs://nn:0/"), ("HERA_STORAGE_REPLICATION", "-1"),
        ("HERA_STORAGE_HTTP_ADDRESS", "nn:x"), ("HERA_STORAGE_HTTP_PATH", "webhdfs"), ("HERA_STORAGE_PASSWORD", ""),
        ("HERA_STORAGE_BLOCK_SIZE_BYTES", "9999999999999999999"), ("HERA_STORAGE_RETRY_MILLISECONDS", "-5"),
    ])
    func whatCannotBeIsRefused(variable: String, value: String) async {
        await #expect(throws: ConfigurationError.self) { try await configuration([variable: value]) }
    }

    @Test(arguments: [
        ("HERA_STORAGE_URL", "webhdfs://anna:geheim@nn/"), ("HERA_STORAGE_PASSWORD", "geheim\nwort"),
        ("HERA_STORAGE_TOKEN", "geheim\nwort"),
    ])
    func secretsAreNotRepeated(variable: String, value: String) async {
        let error = await #expect(throws: ConfigurationError.self) { try await configuration([variable: value]) }
        #expect(error?.description.contains("geheim") == false)
    }

    @Test func aConfigurationOfHadoopThatIsNotThereIsNamed() async throws {
        let configuration = try await configuration([
            "HERA_STORAGE_URL": "hdfs://nn/", "HERA_STORAGE_HADOOP_CONF_DIR": "/nowhere",
        ])
        let error = #expect(throws: StorageError.self) { try configuration.fileSystem() }
        #expect(error?.description.contains("/nowhere") == true)
    }
}
