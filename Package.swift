// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioWebSocket = Target.Dependency.product(name: "NIOWebSocket", package: "swift-nio")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioFoundation = Target.Dependency.product(name: "NIOFoundationCompat", package: "swift-nio")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")

/// Arrows point down only: roles -> Fleet -> (Registry, EventBus, ARI). A role never imports another role.
let package = Package(
    name: "asterism",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "asterism", targets: ["Asterism"]),
        .executable(name: "wazo-app-test", targets: ["WazoAppTest"]),
        .executable(name: "fleet-simulator", targets: ["Simulator"]),
        .library(name: "ARI", targets: ["ARI"]),
        .library(name: "ApplicationdClient", targets: ["ApplicationdClient"]),
        .library(name: "VoiceApp", targets: ["VoiceApp", "Sound"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: ["YAML"]),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        .target(
            name: "ARI",
            dependencies: [nioCore, nioPosix, nioHTTP1, nioWebSocket, nioFoundation, httpClient],
            swiftSettings: settings
        ),
        .target(name: "Registry", swiftSettings: settings),
        .target(name: "EventBus", dependencies: [nioCore], swiftSettings: settings),
        .target(
            name: "ConsulRegistry",
            dependencies: [
                "Registry", logging, lifecycle, nioCore, nioPosix, nioHTTP1, nioSSL, nioFoundation, httpClient,
            ],
            swiftSettings: settings
        ),
        .systemLibrary(name: "CRabbitMQ", pkgConfig: "librabbitmq", providers: [.apt(["librabbitmq-dev"])]),
        .target(
            name: "RabbitMQBus",
            dependencies: ["EventBus", "CRabbitMQ", logging, lifecycle, nioCore, nioFoundation],
            swiftSettings: settings
        ),
        .target(
            name: "Telemetry",
            dependencies: [logging, lifecycle, coreMetrics, nioCore, hummingbird, hummingbirdCore],
            swiftSettings: settings
        ),
        .target(name: "Fleet", dependencies: ["ARI", "Registry"], swiftSettings: settings),

        .target(
            name: "Engines",
            dependencies: [logging, lifecycle, nioCore, nioPosix, subprocess, mustache, systemPackage],
            swiftSettings: settings
        ),
        .target(
            name: "NodeAgent",
            dependencies: [
                "ARI", "Registry", "EventBus", "Fleet", "Engines", "Telemetry", logging, lifecycle, coreMetrics,
                nioCore, nioPosix,
                nioHTTP1, nioWebSocket,
            ],
            swiftSettings: settings
        ),
        .target(
            name: "EdgeAgent",
            dependencies: [
                "Registry", "Engines", "Telemetry", logging, lifecycle, coreMetrics, nioCore, nioHTTP1, nioFoundation,
                httpClient,
                crypto,
            ],
            swiftSettings: settings
        ),
        .target(
            name: "Gateway",
            dependencies: [
                "Access", "ARI", "Registry", "EventBus", "Fleet", "Telemetry", logging, lifecycle, coreMetrics, nioCore,
                nioPosix, nioHTTP1, nioWebSocket, nioFoundation, httpClient,
            ],
            swiftSettings: settings
        ),

        .target(
            name: "FrontAgent",
            dependencies: [
                "Registry", "Engines", "Telemetry", logging, lifecycle, coreMetrics, nioCore, nioHTTP1, httpClient,
            ],
            swiftSettings: settings
        ),

        .target(
            name: "Access",
            dependencies: ["ARI", nioCore, nioHTTP1, nioFoundation, httpClient],
            swiftSettings: settings
        ),
        .target(
            name: "WebAPI",
            dependencies: [
                "Access", "ARI", "Registry", "Telemetry", logging, lifecycle, nioCore, nioHTTP1, nioFoundation,
                nioHTTPTypes, httpTypes, hummingbird, hummingbirdCore,
            ],
            swiftSettings: settings
        ),
        .systemLibrary(name: "CPostgreSQL", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .target(
            name: "Auth",
            dependencies: [
                "Access", "ARI", "Registry", "EventBus", "Telemetry", "WebAPI", "CPostgreSQL", logging, lifecycle,
                coreMetrics,
                nioCore, nioPosix, nioFoundation, hummingbird, grdb, crypto, cryptoExtras,
            ],
            swiftSettings: settings
        ),
        .target(
            name: "Applicationd",
            dependencies: [
                "Access", "ARI", "Registry", "EventBus", "Fleet", "Telemetry", "WebAPI", logging, lifecycle,
                coreMetrics, nioCore, nioFoundation, hummingbird, crypto,
            ],
            swiftSettings: settings
        ),
        .target(
            name: "ApplicationdClient",
            dependencies: [nioCore, nioHTTP1, nioFoundation, httpClient],
            swiftSettings: settings
        ),
        .target(
            name: "Websocketd",
            dependencies: [
                "Access", "ARI", "Engines", "Registry", "EventBus", "Telemetry", logging, lifecycle, coreMetrics,
                nioCore, nioPosix,
                nioHTTP1, nioWebSocket, nioSSL, nioFoundation, crypto,
            ],
            swiftSettings: settings
        ),

        .target(name: "Sound", swiftSettings: settings),
        .target(
            name: "VoiceApp",
            dependencies: [
                "ARI", "Sound", logging, lifecycle, nioCore, nioHTTP1, hummingbird, crypto, subprocess, systemPackage,
                signals,
            ],
            swiftSettings: settings
        ),
        .target(name: "Apps", dependencies: ["VoiceApp"], swiftSettings: settings),
        .target(
            name: "Phone",
            dependencies: ["Sound", nioCore, nioPosix, crypto, subprocess, systemPackage],
            swiftSettings: settings
        ),

        .target(
            name: "Roles",
            dependencies: [
                "Registry", "ConsulRegistry", "EventBus", "RabbitMQBus", "Telemetry", "Engines", "NodeAgent",
                "EdgeAgent", "Gateway",
                "FrontAgent", "Auth", "Applicationd", "Websocketd", "Access", "WebAPI", "VoiceApp", logging, lifecycle,
                coreMetrics, nioCore, signals,
            ],
            swiftSettings: settings
        ),
        .target(
            name: "LocalFleet",
            dependencies: [
                "ARI", "Access", "Applicationd", "Auth", "Websocketd", "Registry", "ConsulRegistry", "EventBus",
                "RabbitMQBus", "Fleet", "Engines", "NodeAgent",
                "EdgeAgent",
                "Gateway", "VoiceApp", "Apps", "Operator", "Roles", "Telemetry", logging, lifecycle, nioCore, nioPosix,
                nioHTTP1,
                nioFoundation, httpClient, signals,
            ],
            swiftSettings: settings
        ),
        .target(name: "Operator", dependencies: ["ARI", "Fleet", nioCore, nioHTTP1], swiftSettings: settings),

        .executableTarget(
            name: "Asterism",
            dependencies: [
                "Registry", "ConsulRegistry", "RabbitMQBus", "Fleet", "Engines", "NodeAgent", "EdgeAgent", "Gateway",
                "FrontAgent", "Auth", "Applicationd", "Websocketd", "Access", "WebAPI", "Roles", "VoiceApp", "Apps",
                "Phone", "LocalFleet", "Operator", "Telemetry", logging,
                arguments, configuration, systemPackage,
            ],
            swiftSettings: settings
        ),

        .executableTarget(
            name: "WazoAppTest",
            dependencies: [
                "ARI", "ApplicationdClient", arguments, nioCore, nioHTTP1, nioFoundation, httpClient,
            ],
            path: "examples/wazo-app-test/swift",
            swiftSettings: settings
        ),

        .executableTarget(
            name: "Simulator",
            dependencies: [
                "ARI", "EventBus", "Gateway", "NodeAgent", "Registry", "Telemetry", arguments, logging, lifecycle,
                signals, nioCore, nioPosix, nioHTTP1, nioWebSocket,
            ],
            path: "Tests/Simulator",
            swiftSettings: settings
        ),
        .testTarget(
            name: "AccessTests",
            dependencies: ["Access", "ARI", nioCore, nioPosix, nioHTTP1],
            swiftSettings: settings
        ),
        .testTarget(
            name: "WebAPITests",
            dependencies: [
                "Access", "WebAPI", "Registry", "Telemetry", logging, nioCore, nioPosix, nioHTTP1, hummingbird,
                httpClient,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "AuthTests",
            dependencies: [
                "Access", "Auth", "EventBus", "Registry", "WebAPI", "Telemetry", "Engines", logging, nioCore,
                nioPosix, nioHTTP1, nioFoundation, httpClient,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ApplicationdTests",
            dependencies: [
                "Access", "ARI", "Applicationd", "ApplicationdClient", "EventBus", "Fleet", "Registry", "WebAPI",
                "Telemetry", logging, nioCore, nioPosix, nioHTTP1, nioWebSocket, nioFoundation, httpClient,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "WebsocketdTests",
            dependencies: [
                "Access", "ARI", "Engines", "EventBus", "Registry", "Telemetry", "Websocketd", logging, nioCore,
                nioPosix, nioHTTP1, nioWebSocket, nioSSL, httpClient,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ARITests",
            dependencies: ["ARI", nioCore, nioPosix, nioHTTP1],
            swiftSettings: settings
        ),
        .testTarget(
            name: "EdgeAgentTests",
            dependencies: ["Registry", "Engines", "EdgeAgent", logging],
            swiftSettings: settings
        ),
        .testTarget(name: "EnginesTests", dependencies: ["Engines", logging], swiftSettings: settings),
        .testTarget(name: "FleetTests", dependencies: ["ARI", "Registry", "Fleet"], swiftSettings: settings),
        .testTarget(
            name: "GatewayTests",
            dependencies: [
                "Access", "ARI", "Registry", "EventBus", "Fleet", "Gateway", "Telemetry", logging, lifecycle, nioCore,
                nioPosix, nioEmbedded, nioHTTP1, nioWebSocket, nioFoundation, httpClient,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "LocalFleetTests",
            dependencies: ["Engines", "LocalFleet", "Registry", "Roles", logging],
            swiftSettings: settings
        ),
        .testTarget(
            name: "NodeAgentTests",
            dependencies: [
                "ARI", "Registry", "EventBus", "Engines", "NodeAgent", "Telemetry", logging, nioCore, nioPosix,
                nioHTTP1,
                nioFoundation,
            ],
            swiftSettings: settings
        ),
        .testTarget(name: "OperatorTests", dependencies: ["ARI", "Operator"], swiftSettings: settings),
        .testTarget(
            name: "PhoneTests",
            dependencies: ["Fleet", "Sound", "Phone", subprocess, systemPackage],
            swiftSettings: settings
        ),
        .testTarget(name: "SoundTests", dependencies: ["Sound"], swiftSettings: settings),
        .testTarget(
            name: "VoiceAppTests",
            dependencies: [
                "ARI", "Sound", "VoiceApp", logging, lifecycle, nioCore, nioPosix, nioHTTP1, nioWebSocket, httpClient,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ConsulRegistryTests",
            dependencies: [
                "Registry", "ConsulRegistry", "Engines", logging, nioCore, nioHTTP1, nioPosix, nioFoundation,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "RabbitMQBusTests",
            dependencies: ["EventBus", "RabbitMQBus", "CRabbitMQ", "Engines", "LiveBroker", logging, nioCore],
            swiftSettings: settings
        ),
        .target(
            name: "LiveBroker",
            dependencies: ["RabbitMQBus", "Engines", logging],
            path: "Tests/LiveBroker",
            swiftSettings: settings
        ),
        .testTarget(
            name: "TelemetryTests",
            dependencies: ["Telemetry", logging, coreMetrics, httpClient, nioCore, nioHTTP1, nioFoundation],
            swiftSettings: settings
        ),
        .testTarget(
            name: "FrontAgentTests",
            dependencies: [
                "Registry", "Engines", "Telemetry", "FrontAgent", logging, nioCore, nioPosix, nioHTTP1, httpClient,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "Conformance",
            dependencies: [
                "Registry", "ConsulRegistry", "Engines", "EventBus", "RabbitMQBus", "LiveBroker", logging, nioCore,
            ],
            swiftSettings: settings
        ),
    ]
)
