package import Core
package import Hub
package import Wire

/// Blobs and files of our own addresses, found for reads on the event loop.
package struct NativeFiles: FileFinder {
    private let hub: Hub

    package init(hub: Hub) { self.hub = hub }

    package var changeCount: UInt64 { hub.changeCount }
    package func principal(secret: String) throws -> Principal { try hub.principal(secret: secret).principal }
    package func open(_ digest: Digest) throws -> ByteSource { try hub.open(digest) }
    package func countDownload(of repo: Int64) { hub.countDownload(of: repo) }

    package func claims(_ uri: String) -> Bool { uri.hasPrefix("/hub/v1/") && !uri.utf8.contains(0x3F) }

    package func find(_ uri: String, for who: Principal) throws -> ReadMemory.Found? {
        let parts = uri.utf8.dropFirst(8).split(separator: 0x2F, maxSplits: 5, omittingEmptySubsequences: false).map(Substring.init)
        if parts.count == 2, parts[0] == "blobs" {
            let digest = try Digest(parsing: PercentText.decode(parts[1]))
            return found(digest, size: try hub.sizeOfReadable(digest, for: who), commit: nil, repo: nil)
        }
        guard parts.count == 6, parts[3] == "resolve", let kind = Self.kind(parts[0]) else { return nil }
        let file = try hub.locate(
            try FilePath(parsing: PercentText.decode(parts[5])), at: try RevisionSpec(parsing: PercentText.decode(parts[4])),
            of: try RepoName(kind, owner: PercentText.decode(parts[1]), name: PercentText.decode(parts[2])), for: who)
        return found(file.entry.digest, size: file.entry.size, commit: file.commit, repo: file.repo)
    }

    private func found(_ digest: Digest, size: Int64, commit: GitID?, repo: Int64?) -> ReadMemory.Found {
        .init(
            digest: digest, file: FileAnswer(size: size, etag: EntityTag.of(digest), headers: FileHeaders.of(digest, commit: commit)),
            repo: repo)
    }

    private static func kind(_ word: Substring) -> RepoKind? {
        word == "models" ? .model : word == "datasets" ? .dataset : nil
    }
}
