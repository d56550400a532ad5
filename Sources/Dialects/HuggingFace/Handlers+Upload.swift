import Core
import Hub
import Hummingbird
import NIOCore
import Wire

extension HuggingFaceRoutes {
    static let uploadRoutes: [(method: String, pattern: String, value: Handler)] = [
        ("POST", "/api/validate-yaml", { try await $0.validateCard() }),
        ("POST", inRepo("/preupload/{rev}"), { try await $0.preupload() }),
        ("POST", inRepo("/commit/{rev}"), { try await $0.commit() })
    ]
}

extension Call {
    /// Clients announce 256 at a time.
    private static let mostAnnounced = 1000
    /// One batch in memory, besides the line that is read.
    private static let batchCount = 256
    private static let batchBytes = 16 << 20

    fileprivate func validateCard() async throws -> Response {
        struct Body: Decodable {
            let content: String?
        }
        let body: Body = try await json()
        let (errors, warnings) = HuggingFaceRoutes.check(card: body.content ?? "")
        func list(_ sentences: [String]) -> JSON { .list(sentences) { .object([("message", .text($0))]) } }
        return .json(.object([("errors", list(errors)), ("warnings", list(warnings))]), status: errors.isEmpty ? 200 : 400)
    }

    fileprivate func preupload() async throws -> Response {
        struct Body: Decodable {
            struct File: Decodable {
                let path: String
                let size: Int64?
                let sample: String?
            }
            let files: [File]
            let gitIgnore: String?
            let gitAttributes: String?
        }
        try refusePullRequest()
        try hub.requireMayCommit(to: try branch, of: try repo, by: who)
        let body: Body = try await json()
        guard body.files.count <= Self.mostAnnounced else {
            throw HubError(.tooLarge, "at most \(Self.mostAnnounced) files can be announced at once")
        }
        let files = try body.files.map { file in
            guard let sample = Base64.decode(file.sample ?? "") else {
                throw HubError(.invalidRequest, "the sample of '\(FilePath.printable(file.path))' is not base 64")
            }
            return UploadCandidate(path: try FilePath(parsing: file.path), size: file.size ?? Int64(sample.count), sample: sample)
        }
        let advice = try await hub.planUpload(
            files, rules: UploadRules(usual: DefaultAttributes.text, ignore: body.gitIgnore, attributes: body.gitAttributes), to: try branch,
            of: try repo, by: who)
        let items = JSON.list(advice) { file in
            .object([
                ("path", .text(file.path.text)), ("uploadMode", .text(file.storage.rawValue)), ("shouldIgnore", .bool(file.isIgnored)),
                ("oid", file.current.map { .text($0.storage == .lfs ? $0.digest.hex : $0.gitID.hex) })
            ])
        }
        return .json(.object([("files", items)]))
    }

    fileprivate func commit() async throws -> Response {
        try refusePullRequest()
        let (name, branch) = (try repo, try branch)
        try hub.requireMayCommit(to: branch, of: name, by: who)
        var set = ChangeSet(repo: name, branch: branch, changes: [])
        var lines = CommitLines(try BodyReader(request, context).stream())
        guard case .header(let summary, let description, let parent)? = try await lines.next() else {
            throw HubError(.invalidRequest, "the first line of a commit must be its header: {\"key\": \"header\", \"value\": {\"summary\": …}}")
        }
        set.message = description.isEmpty ? summary : "\(summary)\n\n\(description)"
        set.parent = try parent.map { try Self.parent($0) }
        set.changes = try await changes(&lines)
        let published = try await hub.commit(set, by: who)
        let revision = published.named.revision
        return .json(
            .object([
                ("success", .bool(true)), ("commitOid", .text(revision.commit.hex)),
                ("commitUrl", .text("\(url(of: revision.repo))/commit/\(revision.commit.hex)")), ("hookOutput", .text(""))
            ]))
    }

    /// Reads the changes; contents are stored as they arrive, in batches.
    private func changes(_ lines: inout CommitLines) async throws -> [FileChange] {
        var changes: [FileChange] = []
        var batch: [(path: FilePath, content: ByteBuffer)] = []
        var bytes = 0
        func storeBatch() async throws {
            let stored = try await hub.store(batch.map(\.content), by: who)
            changes += zip(batch, stored).map { .add($0.path, $1.digest, size: $1.size, .regular) }
            (batch, bytes) = ([], 0)
        }
        while let line = try await lines.next() {
            guard changes.count + batch.count < hub.limits.filesPerRevision else {
                throw HubError(.tooLarge, "a commit has at most \(hub.limits.filesPerRevision) changes; commit in parts")
            }
            switch line {
            case .header: throw HubError(.invalidRequest, "a commit has one header, in its first line")
            case .file(let path, let content):
                if batch.count == Self.batchCount || bytes + content.readableBytes > Self.batchBytes { try await storeBatch() }
                batch.append((path, content))
                bytes += content.readableBytes
            case .change(let change):
                // Changes keep their order.
                try await storeBatch()
                changes.append(change)
            }
        }
        try await storeBatch()
        return changes
    }

    private static func parent(_ text: String) throws(HubError) -> String {
        guard (5...40).contains(text.utf8.count), text.lowercased().utf8.allSatisfy(\.isLowercaseHexDigit) else {
            throw HubError(.invalidRequest, "'\(FilePath.printable(text))' is no parent commit: expected 5 to 40 hexadecimal digits")
        }
        return text.lowercased()
    }

    private func refusePullRequest() throws(HubError) {
        guard !query.flag("create_pr") else {
            throw HubError(.invalidRequest, "pull requests are not supported by this server; commit to a branch instead")
        }
    }
}
