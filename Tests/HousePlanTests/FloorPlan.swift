/// Section 2 of the design as a dictionary: what each room may import. Widening it is a page in
/// Docs/decisions with the reason.
enum FloorPlan {
    /// Room → the rooms, C doors and packages it may see; the same lists as in Package.swift.
    static let rooms: [String: Set<String>] = [
        "Core": [],
        "Hashing": ["Core", "CCrypto"],
        "Release": ["Core"],
        "GitObjects": ["Core", "Hashing"],
        "XetFormat": ["Core", "CBlake3", "CLZ4"],
        "ModelFiles": ["Core", "Yams"],
        "Migrations": [],
        "Blobs": ["Core", "Hashing", "CLinux", "NIOCore", "NIOPosix"],
        "Catalog": ["Core", "Release", "Migrations", "GRDB"],
        "Hub": ["Core", "Release", "Hashing", "GitObjects", "XetFormat", "Blobs", "Catalog", "Logging", "NIOCore"],
        "Fleet": ["Core", "Release", "CLinux", "CCurl", "Logging"],
        "Rollout": ["Core", "Release", "Hashing", "Hub", "CCurl", "Logging", "ServiceLifecycle"],
        "Gateway": ["Core", "Release", "Hashing", "NIOCore", "NIOPosix", "Logging"],
        "API": ["Core", "Release", "Yams"],
        "Wire": [
            "Core", "Hummingbird", "HummingbirdCore", "HTTPTypes", "NIOHTTPTypesHTTP1", "NIOCore", "NIOPosix", "NIOHTTP1", "Logging"
        ],
        "Native": ["Core", "Release", "API", "Hub", "Wire", "Hummingbird", "HTTPTypes", "NIOCore", "NIOFoundationCompat"],
        "HuggingFace": ["Core", "ModelFiles", "Hub", "Wire", "Hummingbird", "HTTPTypes", "NIOCore", "NIOFoundationCompat"],
        "LFS": ["Core", "Hub", "Wire", "Hummingbird", "HTTPTypes", "NIOCore", "NIOFoundationCompat"],
        "Xet": ["Core", "XetFormat", "Hub", "Wire", "Hummingbird", "HTTPTypes", "NIOCore", "NIOFoundationCompat"],
        "Client": ["Core", "API", "Hashing", "CCurl", "CArchive", "CLinux"],
        "Server": [
            "Core", "Release", "Hashing", "CLinux", "Blobs", "Catalog", "Hub", "Rollout", "Gateway", "Fleet", "Wire", "Native", "HuggingFace",
            "LFS", "Xet", "Hummingbird", "HTTPTypes", "NIOCore", "NIOPosix", "ServiceLifecycle", "UnixSignals", "Logging", "Yams"
        ],
        "grayling": ["Core", "Release", "API", "Client", "Server", "ArgumentParser"]
    ]

    /// JSON and dates for people; the quiet rooms and the hub do without. Catalog has it for
    /// `Data` alone, the type that GRDB reads and writes blobs as (Docs/decisions/0002).
    static let mayUseFoundation: Set<String> = [
        "Catalog", "ModelFiles", "API", "Wire", "Native", "HuggingFace", "LFS", "Xet", "Client", "Server", "grayling", "Fleet"
    ]
    static let foundation: Set<String> = ["Foundation", "FoundationEssentials"]

    /// Rooms that call the system themselves.
    static let mayUseLibC: Set<String> = ["Blobs", "Release", "Gateway", "Fleet", "Wire", "Client", "Server", "grayling"]
    static let libC: Set<String> = ["Glibc", "Musl"]

    /// Parts of the language's own libraries that bring nothing in.
    static let everywhere: Set<String> = ["Swift", "Synchronization", "Dispatch"]

    static func allowed(in room: String) -> Set<String> {
        var allowed = rooms[room, default: []].union(everywhere)
        if mayUseFoundation.contains(room) { allowed.formUnion(foundation) }
        if mayUseLibC.contains(room) { allowed.formUnion(libC) }
        return allowed
    }

    /// Folders of Sources that only hold rooms.
    static let groups: Set<String> = ["Formats", "Dialects"]
    /// Where the modulemaps and C of system libraries are; no Swift.
    static let systemFolder = "System"

    /// The room that a file belongs to, by its path in the checkout; nil where no room is.
    static func room(of path: String) -> String? {
        var parts = path.split(separator: "/").map(String.init)
        guard parts.count > 1 else { return nil }
        if parts[0] == "Migrations" { return "Migrations" }
        guard parts.removeFirst() == "Sources" else { return nil }
        if groups.contains(parts[0]) { parts.removeFirst() }
        return parts.count > 1 ? parts[0] : nil
    }
}
