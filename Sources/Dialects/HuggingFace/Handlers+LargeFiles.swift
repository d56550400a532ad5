import Core
import Hub
import Hummingbird

extension HuggingFaceRoutes {
    static let largeFileRoutes: [(method: String, pattern: String, value: Handler)] = [
        ("GET", inRepo("/lfs-files"), { try $0.largeFiles() }),
        ("POST", inRepo("/lfs-files/duplicate"), { try await $0.duplicateLargeFiles() }),
        (
            "POST", inRepo("/lfs-files/batch"),
            { call in
                try call.hub.requireMayWrite(to: try call.repo, by: call.who)
                throw HubError(
                    .protected,
                    "files are not taken out of history by this server: revisions never change. Delete them on a branch; what no revision needs any more is collected"
                )
            }
        )
    ]
}

extension Call {
    /// The LFS files of `main`.
    fileprivate func largeFiles() throws -> Response {
        let name = try repo
        try hub.requireMayWrite(to: name, by: who)
        guard try hub.repo(name, for: who).head != nil else { return .json(.list([])) }
        let limit = try limit(usual: 1000, most: 1000)
        let (revision, files) = try hub.files(of: name, at: .main, for: who)
        let large = files.filter { $0.storage == .lfs }
        let behind = try cursor.map { cursor in large.filter { cursor.utf8.lexicographicallyPrecedes($0.path.text.utf8) } } ?? large
        let page = behind.prefix(limit)
        let items = JSON.list(page) { file in
            .object([
                ("fileOid", .text(file.digest.hex)), ("oid", .text(file.digest.hex)), ("filename", .text(file.path.text)),
                ("size", .int(file.size)), ("pushedAt", .text(revision.created.description)), ("ref", .text("refs/heads/main"))
            ])
        }
        return .json(items, next: behind.count > page.count ? page.last.map { next(cursor: $0.path.text) } : nil)
    }

    /// Makes files of this repo known to another, which names them in a commit then. Whoever may read
    /// them here may do so anyway; so it is only said which there are.
    fileprivate func duplicateLargeFiles() async throws -> Response {
        struct Body: Decodable {
            struct Target: Decodable {
                let type: String?
                let name: String
            }
            struct File: Decodable {
                let sha256: String
                let filename: String?
            }
            let target: Target
            let files: [File]
        }
        let source = try repo
        _ = try hub.repo(source, for: who)
        let body: Body = try await json()
        let target = try RepoName(Self.kind(body.target.type), parsing: body.target.name)
        try hub.requireMayWrite(to: target, by: who)
        let failed = body.files.compactMap { file -> JSON? in
            do {
                _ = try hub.sizeOfReadable(try Digest(parsing: file.sha256), for: who)
                return nil
            } catch {
                return .object([
                    ("sha256", .text(file.sha256)), ("filename", .text(file.filename)),
                    ("error", .text("there is no such file in \(source) that you can read"))
                ])
            }
        }
        return .json(.object([("failed", .list(failed))]))
    }
}
