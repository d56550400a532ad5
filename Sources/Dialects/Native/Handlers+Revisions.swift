import API
import Core
import Hub
import Hummingbird
import NIOCore
import Wire

extension NativeRoutes {
    static let revisionHandlers: [Endpoint: Handler] = [
        .listRevisions: { call in
            let paging = try call.paging
            let start = try paging.after.map { RevisionSpec.commit(try GitID(parsing: $0)) } ?? call.revision
            let history = try call.hub.history(from: start, of: try call.repo, limit: paging.limit, for: call.who)
            return try .json(Page(items: history.page.map(RevisionInfo.init), next: history.next.map { Paging.cursor(after: $0.hex) }))
        },
        .showRevision: { call in
            let spec = try RevisionSpec(parsing: call.value("revision"))
            return try .json(RevisionInfo(call.hub.revision(spec, of: try call.repo, for: call.who)))
        },
        .listFiles: { call in
            let paging = try call.paging
            // The cursor holds the commit too, so that a moving branch cannot mix two lists.
            let place = paging.after?.split(separator: " ", maxSplits: 1).map(String.init)
            let spec = try place.map { RevisionSpec.commit(try GitID(parsing: $0[0])) } ?? call.revision
            let after = try place.flatMap { $0.count == 2 ? try FilePath(parsing: $0[1]) : nil }
            let found = try call.hub.files(
                of: try call.repo, at: spec, prefix: call.query("prefix") ?? "", after: after, limit: paging.limit + 1, for: call.who)
            let page = found.files.prefix(paging.limit)
            let next = found.files.count > paging.limit ? page.last.map { Paging.cursor(after: "\(found.revision.commit) \($0.path)") } : nil
            return try .json(Page(items: page.map(FileInfo.init), next: next))
        },
        .showManifest: { call in
            let spec = try RevisionSpec(parsing: call.value("revision"))
            let found = try call.hub.files(of: try call.repo, at: spec, for: call.who)
            var buffer = ByteBuffer()
            Manifest(files: found.files).forEachLine { buffer.writeString($0) }
            return .text(buffer, type: "text/plain; charset=utf-8", etag: "\"\(found.revision.manifest.hex)\"")
        },
        .resolveFile: { call in
            let file = try call.hub.locate(
                try FilePath(parsing: call.value("path")), at: try RevisionSpec(parsing: call.value("revision")), of: try call.repo,
                for: call.who)
            return try call.bytes(of: file.entry.digest, size: file.entry.size, commit: file.commit, repo: file.repo)
        },
        .diffRevisions: { call in
            guard let from = call.query("from") else { throw HubError(.invalidRequest, "say from which revision: ?from=1.0.0&to=main") }
            let diff = try call.hub.diff(
                of: try call.repo, from: try RevisionSpec(parsing: from), to: try RevisionSpec(parsing: call.query("to") ?? ""), for: call.who)
            return try .json(DiffInfo(diff))
        }
    ]
}

extension Call {
    /// The framework's road to the same bytes as `ReadFast`.
    func bytes(of digest: Digest, size: Int64, commit: GitID?, repo: Int64?) throws -> Response {
        let answer = FileAnswer(size: size, etag: EntityTag.of(digest), headers: FileHeaders.of(digest, commit: commit))
        var failure: (any Error)?
        let lean = answer.answer(head: request.method == .head, conditions: Conditions(request.headers)) {
            do {
                return try hub.open(digest)
            } catch {
                failure = error
                return nil
            }
        }
        guard let lean else { throw failure ?? HubError(.unknownBlob, "there is no blob \(digest) here") }
        if let repo, request.method == .get, lean.status == 200 { hub.countDownload(of: repo) }
        return lean.response(context)
    }
}

enum FileHeaders {
    static func of(_ digest: Digest, commit: GitID?) -> [(String, String)] {
        var headers = [
            ("Content-Type", "application/octet-stream"),
            ("X-Content-Type-Options", "nosniff"),
            // RFC 9530, section 3: the digest of the whole representation, also on a part of it.
            ("Repr-Digest", "sha-256=:\(Base64.encode(digest.bytes)):")
        ]
        if let commit { headers.append(("X-Repo-Commit", commit.hex)) }
        return headers
    }
}
