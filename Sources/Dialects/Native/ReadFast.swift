import API
import Core
package import Hub
package import Wire

/// Blob and file reads on the event loop: a few point reads, or none where the same was asked
/// before and nothing has changed. Whatever is not plainly allowed and there, an error too, goes
/// the framework's road, which says why.
package struct ReadFast: LeanReader {
    private let hub: Hub
    private let surface: Metrics.Surface
    private let memory = ReadMemory()

    package init(hub: Hub, surface: Metrics.Surface) {
        self.hub = hub
        self.surface = surface
    }

    package func answer(_ request: LeanRequest) -> LeanAnswer? {
        guard request.uri.hasPrefix("/hub/v1/"), !request.uri.utf8.contains(0x3F) else { return nil }
        do {
            return try read(request)
        } catch {
            return nil
        }
    }

    private func read(_ request: LeanRequest) throws -> LeanAnswer? {
        let changeCount = hub.changeCount
        let who = try principal(request)
        let key = ReadMemory.Key(user: who.user?.id, uri: request.uri)
        let found: ReadMemory.Found
        if let known = memory.recall(key, at: changeCount) {
            found = known
        } else {
            guard let asked = try find(request.uri, who) else { return nil }
            found = asked
            // A blob by digest may be readable by a lease alone, and a lease ends without a change;
            // what anybody may read is not.
            if found.repo != nil || who.user == nil { memory.keep(found, for: key, at: changeCount) }
        }
        var answer = found.file.answer(request) { try? hub.open(found.digest) }
        answer?.surface = surface
        answer?.user = who.name
        if request.method == .get, answer?.status == 200, let repo = found.repo { hub.countDownload(of: repo) }
        return answer
    }

    private func find(_ uri: String, _ who: Principal) throws -> ReadMemory.Found? {
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

    private func principal(_ request: LeanRequest) throws -> Principal {
        guard let secret = Credentials.token(from: request.headers) else { return .anonymous }
        return try hub.principal(secret: secret).principal
    }
}
