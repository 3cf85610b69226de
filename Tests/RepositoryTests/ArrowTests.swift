import Testing

/// Arrows between modules point one way: what a module may import, of ours and of others'.
///
/// The picture of these arrows is in `docs/ARCHITECTURE.md`; a new arrow is a decision, made here.
@Suite struct ArrowTests {
    static let arrows: [String: Set<String>] = [
        "PlainText": [],
        "Checksums": ["CISAL"],
        "Files": ["Checksums", "SystemPackage"],
        "KafkaTopics": [],
        "KafkaProtocol": ["CLZ4", "CSnappy", "CZlib", "CZstd", "Checksums", "KafkaTopics", "NIOCore"],
        "CommitLog": ["Checksums", "Files", "KafkaProtocol", "KafkaTopics", "Logging", "NIOCore", "SystemPackage"],
        "Ingestor": [
            "Checksums", "CommitLog", "Files", "KafkaProtocol", "KafkaTopics", "Logging", "NIOCore", "NIOPosix",
            "ServiceLifecycle", "SystemPackage",
        ],
        "KafkaClient": ["CRdKafka", "DequeModule", "KafkaTopics", "Logging", "PlainText", "ServiceLifecycle"],
        "Community": ["CSimdJSON", "Checksums", "Files", "SystemPackage"],
        "DataSource": [
            "Community", "Files", "Histogram", "KafkaClient", "KafkaTopics", "Logging", "ServiceLifecycle",
            "SystemPackage",
        ],
        "Storage": ["Files", "SystemPackage"],
        "ConnectAPI": ["Checksums", "KafkaTopics", "PlainText"],
        "ConnectRuntime": [
            "CSimdJSON", "ConnectAPI", "KafkaClient", "KafkaTopics", "Logging", "PlainText", "ServiceLifecycle",
        ],
        "HDFSSink": ["Checksums", "ConnectAPI", "Crypto", "KafkaTopics", "Logging", "Storage"],
        "Audit": [
            "Checksums", "Community", "ConnectAPI", "ConnectRuntime", "HDFSSink", "KafkaClient", "KafkaTopics",
            "Logging", "PlainText", "Storage",
        ],
        "Analyzer": ["Community", "Storage"],
        "Report": ["Analyzer", "Community", "Files", "Mustache", "PlainText", "SystemPackage"],
        "Pipeline": [
            "Analyzer", "Audit", "CommitLog", "Community", "Configuration", "ConnectAPI", "ConnectRuntime",
            "DataSource", "Files",
            "HDFSSink", "Ingestor", "KafkaClient", "KafkaTopics", "Logging", "PlainText", "Report",
            "ServiceLifecycle", "Storage", "SystemPackage", "UnixSignals", "Yams",
        ],
        "PipelineTesting": [
            "CLZ4", "CRdKafka", "CSnappy", "CZlib", "CZstd", "Checksums", "Files", "KafkaProtocol", "NIOCore",
            "Subprocess", "SystemPackage",
        ],
        "hera": [
            "Analyzer", "ArgumentParser", "Audit", "Community", "DataSource", "Ingestor", "KafkaClient",
            "KafkaTopics", "Logging", "Pipeline", "PlainText", "Report", "ServiceLifecycle", "Storage",
        ],
    ]

    /// What comes with Swift itself.
    static let toolchain: Set<String> = [
        "Darwin", "Dispatch", "Foundation", "FoundationEssentials", "Glibc", "Synchronization",
    ]

    @Test(arguments: Repository.sources)
    func importsFollowTheArrows(file: Repository.File) throws {
        let module = String(try #require(file.path.split(separator: "/").dropFirst().first))
        let allowed = try #require(Self.arrows[module], "\(module) is a new module: say here what it may import")
        for name in Self.imports(of: file) {
            #expect(
                allowed.contains(name) || Self.toolchain.contains(name),
                "\(file.path) imports \(name), which \(module) may not"
            )
        }
    }

    @Test func noArrowPointsBack() {
        /// All that a module reaches over the arrows.
        func reach(_ module: String, _ seen: inout Set<String>) {
            for next in Self.arrows[module] ?? [] where seen.insert(next).inserted { reach(next, &seen) }
        }
        for module in Self.arrows.keys {
            var reached: Set<String> = []
            reach(module, &reached)
            #expect(!reached.contains(module), "\(module) reaches itself")
        }
    }

    @Test func importsAreRecognised() {
        let file = Repository.File(
            path: "x",
            lines: [
                "package import NIOCore", "@preconcurrency import Foundation", "import struct Logging.Logger",
                "// import X",
            ]
        )
        #expect(Self.imports(of: file) == ["NIOCore", "Foundation", "Logging"])
    }

    static func imports(of file: Repository.File) -> [String] {
        let line =
            /^(?:@[a-z]+ )?(?:package |public |internal |private |fileprivate )?import (?:(?:struct|class|enum|func|protocol|typealias|var|let) )?([A-Za-z_0-9]+)/
        return file.lines.compactMap { $0.firstMatch(of: line).map { String($0.1) } }
    }
}
