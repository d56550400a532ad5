import API
import Core
package import Hub
package import Wire

/// Blob and file reads on the event loop: a few point reads and the answer. Whatever is not
/// plainly allowed and there, an error too, goes the framework's road, which says why.
package struct ReadFast: LeanReader {
    private let hub: Hub
    private let surface: Metrics.Surface

    package init(hub: Hub, surface: Metrics.Surface) {
        self.hub = hub
        self.surface = surface
    }

    package func answer(_ request: LeanRequest) -> LeanAnswer? {
        guard request.uri.hasPrefix("/hub/v1/"), !request.uri.utf8.contains(0x3F)
        else { return nil }
        do {
            return try read(request)
        } catch {
            return nil
        }
    }

    private func read(_ request: LeanRequest) throws -> LeanAnswer? {
        let parts = request.uri.utf8.dropFirst(8).split(separator: 0x2F, maxSplits: 5, omittingEmptySubsequences: false).map(Substring.init)
        if parts.count == 2, parts[0] == "blobs" {
            let who = try principal(request)
            let digest = try Digest(parsing: parts[1])
            let size = try hub.sizeOfReadable(digest, for: who)
            return try answer(request, who, digest, size: size, commit: nil)
        }
        guard parts.count == 6, parts[3] == "resolve", let kind = Self.kind(parts[0]) else { return nil }
        let who = try principal(request)
        let file = try hub.locate(
            try FilePath(parsing: PercentText.decode(parts[5])), at: try RevisionSpec(parsing: PercentText.decode(parts[4])),
            of: try RepoName(kind, owner: PercentText.decode(parts[1]), name: PercentText.decode(parts[2])), for: who)
        let answer = try answer(request, who, file.entry.digest, size: file.entry.size, commit: file.commit)
        if request.method == .get, answer?.status == 200 { hub.countDownload(of: file.repo) }
        return answer
    }

    private static func kind(_ word: Substring) -> RepoKind? {
        word == "models" ? .model : word == "datasets" ? .dataset : nil
    }

    private func principal(_ request: LeanRequest) throws -> Principal {
        guard let secret = Credentials.token(from: request.headers) else { return .anonymous }
        return try hub.principal(secret: secret).principal
    }

    private func answer(_ request: LeanRequest, _ who: Principal, _ digest: Digest, size: Int64, commit: GitID?) throws -> LeanAnswer? {
        let file = FileAnswer(size: size, etag: EntityTag.of(digest), headers: FileHeaders.of(digest, commit: commit))
        var answer = file.answer(request) { try? hub.open(digest) }
        answer?.surface = surface
        answer?.user = who.name
        return answer
    }
}
