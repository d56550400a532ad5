package import Core
package import Hub
package import Wire

/// Files at `/{owner}/{name}/resolve/{rev}/{path}`, found for reads on the event loop.
package struct HuggingFaceFiles: FileFinder {
    private let hub: Hub
    private let xetHash: HuggingFaceRoutes.XetHash

    package init(hub: Hub, xetHash: @escaping HuggingFaceRoutes.XetHash) {
        self.hub = hub
        self.xetHash = xetHash
    }

    package var changeCount: UInt64 { hub.changeCount }
    package func principal(secret: String) throws -> Principal { try hub.principal(secret: secret).principal }
    package func open(_ digest: Digest) throws -> ByteSource { try hub.open(digest) }
    package func countDownload(of repo: Int64) { hub.countDownload(of: repo) }

    package func claims(_ uri: String) -> Bool { HuggingFaceAddress.isFile(Substring(uri)) && !uri.hasPrefix("/api/") }

    package func find(_ uri: String, for who: Principal) throws -> ReadMemory.Found? {
        let path = uri.utf8.prefix { $0 != 0x3F && $0 != 0x23 }
        var parts = path.split(separator: 0x2F, maxSplits: 6).map(Substring.init)
        let isDataset = parts.first == "datasets"
        if isDataset { parts.removeFirst() }
        guard parts.count >= 5, parts[2] == "resolve" else { return nil }
        let rest = parts[4...].joined(separator: "/")
        // Written without encoding, a longer name: the framework's road says what is meant.
        guard parts[3] != "refs" else { return nil }
        let name = try RepoName(isDataset ? .dataset : .model, owner: PercentText.decode(parts[0]), name: PercentText.decode(parts[1]))
        let file = try hub.locate(
            try FilePath(parsing: PercentText.decode(rest)), at: try Call.revision(PercentText.decode(parts[3])), of: name, for: who)
        return .init(
            digest: file.entry.digest, file: try ResolveHeaders.answer(file, of: name, xetHash: xetHash), repo: file.repo)
    }
}

/// `FileReader` with the addresses completed that need the host the client called.
package struct HuggingFaceReader: LeanReader {
    private let files: FileReader<HuggingFaceFiles>

    package init(_ finder: HuggingFaceFiles, surface: Metrics.Surface) { files = FileReader(finder, surface: surface) }

    package func answer(_ request: LeanRequest) -> LeanAnswer? {
        files.answer(request).map { ResolveHeaders.completed($0, origin: RequestOrigin(request)) }
    }
}
