// swift-tools-version: 6.2
// The floor plan: a room is one line, with the whole list of what it may see.
// HousePlanTests compares every import under Sources with the same table.
import PackageDescription

let fences: [SwiftSetting] = [
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("ExistentialAny")
]

/// A room: a folder under Sources, and the whole list of what it may see.
func room(
    _ name: String, in folder: String = "", sees: [Target.Dependency] = [],
    plugins: [Target.PluginUsage] = []
) -> Target {
    .target(
        name: name, dependencies: sees, path: "Sources/\(folder)\(name)", swiftSettings: fences,
        plugins: plugins)
}

/// A room's own suite, `Tests/<Room>Tests`.
func suite(_ name: String, sees: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(
        name: name, dependencies: sees, path: "Tests/\(name)", resources: resources,
        swiftSettings: fences)
}

/// A C library from Debian, seen through a module map.
func system(_ name: String, package: String, debian: String) -> Target {
    .systemLibrary(
        name: name, path: "Sources/System/\(name)", pkgConfig: package, providers: [.apt([debian])])
}

let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let nioHTTPTypes: Target.Dependency = .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioFoundation: Target.Dependency = .product(name: "NIOFoundationCompat", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "grayling",
    products: [.executable(name: "grayling", targets: ["grayling"])],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
    ],
    targets: [
        // The system's libraries.
        system("CCrypto", package: "libcrypto", debian: "libssl-dev"),
        system("CArchive", package: "libarchive", debian: "libarchive-dev"),
        .target(name: "CCurl", path: "Sources/System/CCurl", linkerSettings: [.linkedLibrary("curl")]),
        .target(name: "CLinux", path: "Sources/System/CLinux"),
        system("CLZ4", package: "liblz4", debian: "liblz4-dev"),
        // BLAKE3: Debian 12 has no C library of it. Hashing is the one thing a debug build must not be slow at.
        .target(name: "CBlake3", path: "Sources/System/CBlake3", cSettings: [.unsafeFlags(["-O3"])]),

        // Quiet rooms.
        room("Core"),
        room("Hashing", sees: ["Core", "CCrypto"]),
        room("Release", sees: ["Core"]),
        room("GitObjects", in: "Formats/", sees: ["Core", "Hashing"]),
        room("XetFormat", in: "Formats/", sees: ["Core", "CBlake3", "CLZ4"]),
        room("ModelFiles", in: "Formats/", sees: ["Core", yams]),
        .target(name: "Migrations", path: "Migrations", exclude: ["README.md", "FROZEN"], swiftSettings: fences, plugins: ["EmbedText"]),

        // Keeping.
        room("Blobs", sees: ["Core", "Hashing", "CLinux", nioCore, nioPosix]),
        room("Catalog", sees: ["Core", "Release", "Migrations", grdb]),

        // Working.
        room("Hub", sees: ["Core", "Release", "Hashing", "GitObjects", "XetFormat", "Blobs", "Catalog", logging, nioCore]),
        room("Fleet", sees: ["Core", "Release", "CLinux", "CCurl", logging]),
        room("Rollout", sees: ["Core", "Release", "Hashing", "Hub", "CCurl", logging, lifecycle]),
        room("Gateway", sees: ["Core", "Release", "Hashing", nioCore, nioPosix, logging]),

        // Speaking.
        room("API", sees: ["Core", "Release", yams]),
        room("Wire", sees: ["Core", hummingbird, hummingbirdCore, httpTypes, nioHTTPTypes, nioCore, nioPosix, nioHTTP1, logging]),
        room(
            "Native", in: "Dialects/",
            sees: ["Core", "Release", "API", "Hub", "Wire", hummingbird, httpTypes, nioCore, nioFoundation]),
        room(
            "HuggingFace", in: "Dialects/",
            sees: ["Core", "ModelFiles", "Hub", "Wire", hummingbird, httpTypes, nioCore, nioFoundation]),
        room("LFS", in: "Dialects/", sees: ["Core", "Hub", "Wire", hummingbird, httpTypes, nioCore, nioFoundation]),
        room("Xet", in: "Dialects/", sees: ["Core", "XetFormat", "Hub", "Wire", hummingbird, httpTypes, nioCore, nioFoundation]),
        room("Client", sees: ["Core", "API", "Hashing", "CCurl", "CArchive", "CLinux"]),

        // Front door.
        room(
            "Server",
            sees: [
                "Core", "Release", "Hashing", "CLinux", "Blobs", "Catalog", "Hub", "Rollout", "Gateway", "Fleet", "Wire", "Native", "HuggingFace",
                "LFS", "Xet", hummingbird, httpTypes, nioCore, nioPosix, lifecycle, unixSignals, logging, yams
            ]),
        .executableTarget(
            name: "grayling", dependencies: ["Core", "Release", "API", "Client", "Server", argumentParser],
            path: "Sources/grayling", swiftSettings: fences),

        // What keeps it so.
        .target(
            name: "TestKit",
            dependencies: [
                "Core", "Release", "Hashing", "Blobs", "Catalog", "Hub", "API", "Wire", "Native", grdb, hummingbird, nioCore, nioPosix, logging, lifecycle
            ],
            path: "Tests/TestKit", swiftSettings: fences),
        suite("CoreTests", sees: ["Core", "TestKit"]),
        suite("GitObjectsTests", sees: ["Core", "Hashing", "GitObjects", "TestKit"]),
        suite("HousePlanTests", sees: ["API", "Core", "Native", "Hashing", "Migrations"]),
        suite("BlobsTests", sees: ["Core", "Hashing", "Blobs", "CLinux", nioCore]),
        suite(
            "CatalogTests", sees: ["Core", "Release", "Hashing", "Catalog", "Migrations", "TestKit", grdb], resources: [.copy("Fixtures")]),
        suite("HubTests", sees: ["Core", "Release", "Hashing", "GitObjects", "Blobs", "Catalog", "Hub", "TestKit", logging, nioCore, grdb]),
        suite(
            "NativeTests",
            sees: [
                "Core", "Release", "Hashing", "API", "Hub", "Wire", "Native", "TestKit", hummingbird, httpTypes, nioCore, nioPosix, logging,
                lifecycle
            ], resources: [.copy("Conversations")]),
        suite(
            "XetFormatTests", sees: ["Core", "Hashing", "XetFormat", "CBlake3", "CLZ4", "TestKit"], resources: [.copy("Vectors")]),
        suite("ModelFilesTests", sees: ["Core", "ModelFiles", "TestKit"]),
        suite(
            "LFSTests", sees: ["Core", "Hashing", "Hub", "LFS", "Wire", "TestKit"], resources: [.copy("Conversations")]),
        suite(
            "HuggingFaceTests", sees: ["Core", "Hashing", "Hub", "HuggingFace", "Native", "Wire", "TestKit", httpTypes, nioCore],
            resources: [.copy("Conversations")]),
        suite(
            "XetTests", sees: ["Core", "Hashing", "XetFormat", "Blobs", "Catalog", "Hub", "Native", "Xet", "Wire", "TestKit", nioCore],
            resources: [.copy("Conversations")]),
        suite("APITests", sees: ["Core", "Release", "API"]),
        suite("ClientTests", sees: ["Core", "API", "Hashing", "Client", "CArchive"]),
        suite("WireTests", sees: ["Core", "Wire", "TestKit", hummingbird, httpTypes, nioCore, nioPosix, nioHTTP1, logging, lifecycle]),
        suite("FleetTests", sees: ["Core", "Release", "Hashing", "Blobs", "Fleet", "CLinux", "TestKit", logging]),
        suite(
            "RolloutTests",
            sees: ["Core", "Release", "Hashing", "Blobs", "Catalog", "Hub", "Rollout", "TestKit", nioCore, nioPosix, logging, grdb]),
        suite("ReleaseTests", sees: ["Core", "Hashing", "Release", "TestKit"]),
        suite("GatewayTests", sees: ["Core", "Release", "Hashing", "Gateway", "TestKit", nioCore, nioPosix, nioHTTP1, logging]),

        // Measures the codecs alone; see Docs/BENCHMARKS.md.
        .executableTarget(
            name: "bench-xet-chunking", dependencies: ["Core", "XetFormat", "CBlake3"], path: "Benchmarks/XetChunking", swiftSettings: fences),

        // The release rules alone, on a virtual clock: what they cost, and how often they are wrong.
        .executableTarget(name: "bench-decisions", dependencies: ["Core", "Release"], path: "Benchmarks/Decisions", swiftSettings: fences),
        .executableTarget(name: "simulate-table", dependencies: ["Release"], path: "Benchmarks/Simulation", swiftSettings: fences),

        // Build-time helpers.
        .executableTarget(name: "embed-text", path: "Plugins/EmbedTextTool"),
        .plugin(name: "EmbedText", capability: .buildTool(), dependencies: ["embed-text"])
    ]
)
