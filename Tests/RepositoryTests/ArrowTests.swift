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
        "KafkaProtocol": ["Checksums", "CLZ4", "CSnappy", "CZlib", "CZstd", "NIOCore"],
        "CommitLog": ["Checksums", "CoreMetrics", "Files", "KafkaProtocol", "KafkaTopics", "NIOCore", "SystemPackage"],
        "Ingestor": [
            "Checksums", "CommitLog", "CoreMetrics", "Files", "KafkaProtocol", "KafkaTopics", "Logging", "NIOCore",
            "NIOPosix", "PlainText", "ServiceLifecycle", "SystemPackage",
        ],
        "KafkaClient": ["CRdKafka", "DequeModule", "KafkaTopics", "Logging", "PlainText", "ServiceLifecycle"],
        "ExactValues": [],
        "Community": ["CSimdJSON", "ExactValues", "PlainText"],
        "GroundTruth": ["Checksums", "Community", "ExactValues", "Files", "PlainText", "SystemPackage"],
        "DataSource": [
            "Community", "CoreMetrics", "Files", "GroundTruth", "Histogram", "KafkaClient", "KafkaTopics", "Logging",
            "PlainText", "ServiceLifecycle", "SystemPackage",
        ],
        "Storage": [
            "AsyncHTTPClient", "Files", "NIOCore", "NIOHTTP1", "NIOPosix", "NIOSSL", "PlainText", "SystemPackage",
        ],
        "CommitLedger": ["Checksums", "Crypto", "KafkaTopics", "Logging", "Storage"],
        "ConnectAPI": ["Checksums", "KafkaTopics", "PlainText"],
        "ConnectConverters": ["ConnectAPI", "CSimdJSON"],
        "ConnectTransforms": ["ConnectAPI", "KafkaTopics"],
        "ConnectRuntime": [
            "ConnectAPI", "CoreMetrics", "KafkaClient", "KafkaTopics", "Logging", "PlainText", "ServiceLifecycle",
        ],
        "HDFSSink": ["Checksums", "CommitLedger", "ConnectAPI", "KafkaTopics", "Logging", "PlainText", "Storage"],
        "Audit": [
            "Checksums", "CommitLedger", "Community", "ConnectAPI", "ConnectRuntime", "ExactValues", "GroundTruth",
            "KafkaClient", "KafkaTopics", "Logging", "PlainText", "Storage",
        ],
        "Analysis": ["ExactValues", "PlainText"],
        "Analyzer": ["Analysis", "Community", "ExactValues", "Storage"],
        "Report": ["Analysis", "ExactValues", "Mustache", "PlainText"],
        "Monitoring": ["CoreMetrics", "NIOCore", "NIOHTTP1", "NIOPosix", "ServiceLifecycle"],
        "Pipeline": [
            "Analysis",
            "Analyzer", "Audit", "CommitLedger", "CommitLog", "Community", "Configuration", "ConnectAPI",
            "ConnectConverters", "ConnectRuntime", "ConnectTransforms", "CoreMetrics", "DataSource", "ExactValues",
            "Files",
            "GroundTruth", "HDFSSink", "Ingestor", "KafkaClient", "KafkaProtocol", "KafkaTopics", "Logging",
            "Monitoring",
            "NIOCore", "NIOPosix", "PlainText", "Report", "ServiceLifecycle", "Storage", "SystemPackage", "UnixSignals",
            "Yams",
        ],
        "PipelineTesting": [
            "Checksums", "CLZ4", "ConnectAPI", "CRdKafka", "CSnappy", "CZlib", "CZstd", "Files", "KafkaProtocol",
            "KafkaTopics", "Logging", "NIOCore", "Storage", "Subprocess", "SystemPackage",
        ],
        "hera": [
            "Analysis", "Analyzer", "ArgumentParser", "Audit", "Community", "DataSource", "Ingestor", "KafkaClient",
            "KafkaTopics", "Logging", "Pipeline", "PlainText", "Report", "ServiceLifecycle", "Storage",
        ],
    ]

    /// What comes with Swift itself.
    static let toolchain: Set<String> = [
        "Darwin", "Dispatch", "Foundation", "FoundationEssentials", "FoundationXML", "Glibc", "Synchronization",
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

    @Test(arguments: arrows.keys.sorted())
    func everyArrowIsNeeded(module: String) {
        let files = Repository.sources.filter { $0.path.hasPrefix("Sources/\(module)/") }
        #expect(!files.isEmpty, "\(module) has no file")
        let needed = Set(files.flatMap(Self.imports)).subtracting(Self.toolchain)
        let unused = (Self.arrows[module] ?? []).subtracting(needed).sorted()
        #expect(unused.isEmpty, "no file of \(module) imports \(unused): remove the arrow here and in Package.swift")
    }

    @Test func packageDeclaresTheseArrows() throws {
        let package = try #require(Repository.file(at: "Package.swift")).text
        var products: [String: String] = [:]
        for match in package.matches(of: /let (\w+) = Target\.Dependency\.product\(name: "(\w+)"/) {
            products[String(match.1)] = String(match.2)
        }
        var declared: [String: Set<String>] = [:]
        for match in package.matches(of: /module\(\s*"(\w+)",\s*\[([^\]]*)\]/) {
            let names = match.2.matches(of: /("?)(\w+)"?/).map { name in
                name.1.isEmpty ? products[String(name.2)] ?? String(name.2) : String(name.2)
            }
            declared[String(match.1)] = Set(names)
        }
        #expect(declared.count > 10, "the modules of Package.swift were not recognised")
        for (module, names) in declared {
            #expect(names == Self.arrows[module], "Package.swift declares other arrows for \(module)")
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
