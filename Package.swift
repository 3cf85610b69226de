// swift-tools-version: 6.2
import PackageDescription

/// What every Swift target of this package is built with.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let histogram = Target.Dependency.product(name: "Histogram", package: "hdrhistogram-swift")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioTestUtils = Target.Dependency.product(name: "NIOTestUtils", package: "swift-nio")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")

/// A Swift target of the product; its folder in `Sources/` has the same name.
func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// The tests of a module; its folder in `Tests/` has the same name with `Tests` behind it.
func tests(of name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .testTarget(
        name: name + "Tests",
        dependencies: [.byName(name: name), "PipelineTesting"] + dependencies,
        exclude: exclude,
        swiftSettings: strict
    )
}

let package = Package(
    name: "HeraSDG",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "hera", targets: ["hera"]),
        .library(name: "PipelineTesting", targets: ["PipelineTesting"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: ["YAML"]),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        // Libraries of the system, by pkg-config.
        .systemLibrary(name: "CISAL", pkgConfig: "libisal", providers: [.apt(["libisal-dev"])]),
        .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),
        .systemLibrary(name: "CRdKafka", pkgConfig: "rdkafka", providers: [.apt(["librdkafka-dev"])]),
        .systemLibrary(name: "CSnappy", pkgConfig: "snappy", providers: [.apt(["libsnappy-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .target(name: "CSimdJSON", linkerSettings: [.linkedLibrary("simdjson")]),

        // What everything that keeps files stands on.
        module("Checksums", ["CISAL"]),
        module("Files", ["Checksums", systemPackage]),

        // What people read.
        module("PlainText"),

        // Ingestion.
        module("KafkaTopics"),
        module(
            "KafkaProtocol",
            ["CLZ4", "CSnappy", "CZlib", "CZstd", "Checksums", nioCore]
        ),
        module("CommitLog", ["Checksums", "Files", "KafkaProtocol", "KafkaTopics", metrics, nioCore, systemPackage]),
        module(
            "Ingestor",
            [
                "Checksums", "CommitLog", "Files", "KafkaProtocol", "KafkaTopics", "PlainText", logging, metrics,
                nioCore,
                nioPosix, serviceLifecycle, systemPackage,
            ]
        ),
        module("KafkaClient", ["CRdKafka", "KafkaTopics", "PlainText", deque, logging, serviceLifecycle]),

        // Values that are compared exactly.
        module("ExactValues"),

        // The community and the source of its events.
        module("Community", ["CSimdJSON", "ExactValues", "PlainText"]),
        module("GroundTruth", ["Checksums", "Community", "ExactValues", "Files", "PlainText", systemPackage]),
        module(
            "DataSource",
            [
                "Community", "Files", "GroundTruth", "KafkaClient", "KafkaTopics", "PlainText", histogram, logging,
                metrics,
                serviceLifecycle, systemPackage,
            ]
        ),

        // From topics to files.
        module("Storage", ["Files", "PlainText", asyncHTTPClient, nioCore, nioHTTP1, nioPosix, nioSSL, systemPackage]),
        module("CommitLedger", ["Checksums", "KafkaTopics", "Storage", crypto, logging]),
        module("ConnectAPI", ["Checksums", "KafkaTopics", "PlainText"]),
        module("ConnectConverters", ["CSimdJSON", "ConnectAPI"]),
        module("ConnectTransforms", ["ConnectAPI", "KafkaTopics"]),
        module(
            "ConnectRuntime",
            ["ConnectAPI", "KafkaClient", "KafkaTopics", "PlainText", logging, metrics, serviceLifecycle]
        ),
        module(
            "HDFSSink",
            ["Checksums", "CommitLedger", "ConnectAPI", "KafkaTopics", "PlainText", "Storage", logging]
        ),
        module(
            "Audit",
            [
                "Checksums", "CommitLedger", "Community", "ConnectAPI", "ConnectRuntime", "ExactValues",
                "GroundTruth", "KafkaClient", "KafkaTopics", "PlainText", "Storage", logging,
            ]
        ),

        // From files to a report.
        module("Analysis", ["ExactValues", "PlainText"]),
        module("Analyzer", ["Analysis", "Community", "ExactValues", "Storage"]),
        module("Report", ["Analysis", "ExactValues", "PlainText", mustache]),

        // What watches the stages.
        module("Monitoring", [metrics, nioCore, nioHTTP1, nioPosix, serviceLifecycle]),

        // The whole.
        module(
            "Pipeline",
            [
                "Analysis",
                "Analyzer", "Audit", "CommitLedger", "CommitLog", "Community", "ConnectAPI", "ConnectConverters",
                "ConnectRuntime", "ConnectTransforms", "DataSource", "ExactValues", "Files", "GroundTruth", "HDFSSink",
                "Ingestor", "KafkaClient", "KafkaProtocol", "KafkaTopics", "Monitoring", "PlainText", "Report",
                "Storage",
                configuration, logging, metrics, nioCore, nioPosix, serviceLifecycle, systemPackage, unixSignals, yams,
            ]
        ),
        .executableTarget(
            name: "hera",
            dependencies: [
                "Analysis", "Analyzer", "Audit", "Community", "DataSource", "Ingestor", "KafkaClient", "KafkaTopics",
                "Pipeline",
                "PlainText", "Report", "Storage", argumentParser, logging, serviceLifecycle,
            ],
            swiftSettings: strict
        ),
        module(
            "PipelineTesting",
            [
                "CLZ4", "CRdKafka", "CSnappy", "CZlib", "CZstd", "Checksums", "ConnectAPI", "Files", "KafkaProtocol",
                "KafkaTopics", "Storage", logging, nioCore, subprocess, systemPackage,
            ]
        ),

        tests(of: "Checksums"),
        tests(of: "Files", ["Checksums", systemPackage]),
        tests(of: "PlainText"),
        tests(of: "KafkaTopics"),
        tests(of: "KafkaProtocol", ["Checksums", "KafkaTopics", nioCore, nioEmbedded, nioTestUtils]),
        tests(
            of: "CommitLog",
            ["Checksums", "Files", "KafkaProtocol", "KafkaTopics", logging, nioCore, systemPackage]
        ),
        tests(
            of: "Ingestor",
            [
                "CommitLog", "Files", "KafkaProtocol", "KafkaTopics", logging, nioCore, nioEmbedded, nioPosix,
                serviceLifecycle, systemPackage,
            ]
        ),
        tests(of: "KafkaClient", ["CRdKafka", "Ingestor", "KafkaTopics", logging, serviceLifecycle, systemPackage]),
        tests(of: "Community", ["CSimdJSON", "ExactValues", "PlainText", systemPackage]),
        tests(of: "GroundTruth", ["Community", "Files", systemPackage]),
        tests(
            of: "DataSource",
            [
                "Community", "CRdKafka", "Files", "GroundTruth", "KafkaClient", "KafkaTopics", logging,
                serviceLifecycle,
                systemPackage,
            ]
        ),
        tests(of: "Storage", ["Files", nioCore, nioHTTP1, nioPosix, nioSSL, systemPackage]),
        tests(of: "ConnectAPI", ["KafkaTopics"]),
        tests(of: "ConnectConverters", ["ConnectAPI", "KafkaTopics"]),
        tests(of: "ConnectTransforms", ["ConnectAPI", "ConnectConverters", "KafkaTopics"]),
        tests(
            of: "ConnectRuntime",
            [
                "CRdKafka", "ConnectAPI", "ConnectConverters", "ConnectTransforms", "KafkaClient", "KafkaTopics",
                logging,
                serviceLifecycle,
            ]
        ),
        tests(of: "CommitLedger", ["Files", "KafkaTopics", "Storage", logging, systemPackage]),
        tests(
            of: "HDFSSink",
            [
                "Checksums", "CommitLedger", "ConnectAPI", "Files", "KafkaTopics", "Storage", logging, systemPackage,
            ]
        ),
        tests(
            of: "Audit",
            [
                "Checksums", "CommitLedger", "Community", "ConnectAPI", "ConnectConverters", "ConnectRuntime",
                "ConnectTransforms", "GroundTruth", "HDFSSink",
                "KafkaClient", "KafkaTopics",
                "Storage", logging,
            ]
        ),
        tests(of: "ExactValues"),
        tests(of: "Analysis", ["ExactValues", "PlainText"]),
        tests(of: "Analyzer", ["Analysis", "Community", "ExactValues", "Storage", systemPackage]),
        tests(
            of: "Report",
            ["Analysis", "Analyzer", "ExactValues", "PlainText", "Storage", systemPackage],
            exclude: ["Snapshots"]
        ),
        tests(of: "Monitoring", [metrics, nioCore, nioPosix]),
        tests(
            of: "Pipeline",
            [
                "Analysis", "Audit", "Checksums", "CommitLedger", "CommitLog", "Community", "ConnectAPI",
                "ConnectRuntime", "DataSource", "Files", "GroundTruth", "HDFSSink", "Ingestor", "KafkaClient",
                "KafkaProtocol", "KafkaTopics", "Monitoring", "Report", "Storage", logging, nioCore, nioPosix,
                serviceLifecycle, systemPackage,
            ]
        ),
        .testTarget(
            name: "PipelineTestingTests",
            dependencies: ["Files", "KafkaProtocol", "PipelineTesting", nioCore, systemPackage],
            swiftSettings: strict
        ),
        tests(of: "hera", ["DataSource", "KafkaClient", "KafkaTopics", argumentParser, logging]),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "hera", "Community", "DataSource", "GroundTruth", "KafkaClient", "KafkaProtocol", "KafkaTopics",
                "PipelineTesting", logging, nioCore, systemPackage,
            ],
            swiftSettings: strict
        ),
        .testTarget(name: "RepositoryTests", dependencies: [], swiftSettings: strict),
    ],
    cxxLanguageStandard: .cxx20
)
