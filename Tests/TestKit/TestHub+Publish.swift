import Blobs
package import Core
import Hashing
package import Hub
import NIOCore

extension TestHub {
    package static func digest(_ content: String) -> Digest { Digest(of: Array(content.utf8)) }

    package func repo(_ name: String, _ kind: RepoKind = .model) throws -> RepoName { try RepoName(kind, parsing: name) }

    /// Sends bytes as `who`; afterwards they may publish them.
    @discardableResult
    package func send(_ content: [UInt8], by who: Principal) async throws -> Digest {
        let digest = Digest(of: content)
        return try await hub.receive([(digest, ByteBuffer(bytes: content))], by: who)[0].digest
    }

    @discardableResult
    package func send(_ content: String, by who: Principal) async throws -> Digest { try await send(Array(content.utf8), by: who) }

    package func draft(_ files: [String: String], to repo: String, _ kind: RepoKind = .model) throws -> PublishDraft {
        PublishDraft(
            repo: try self.repo(repo, kind),
            files: try files.sorted { $0.key < $1.key }.map { path, content in
                DraftFile(path: try FilePath(parsing: path), size: Int64(content.utf8.count), digest: Self.digest(content))
            })
    }

    /// Sends what is needed and publishes it.
    @discardableResult
    package func publish(
        _ files: [String: String], to repo: String, _ kind: RepoKind = .model, version: String? = nil, by who: Principal? = nil,
        _ adjust: (inout PublishDraft) throws -> Void = { _ in }
    ) async throws -> PublishedRevision {
        let who = who ?? admin
        for content in Set(files.values).sorted() { try await send(content, by: who) }
        var draft = try draft(files, to: repo, kind)
        draft.version = try version.map { try RefName(parsing: $0) }
        try adjust(&draft)
        return try await hub.publish(draft, by: who)
    }

    /// Paths and contents of a revision, read back from the store.
    package func files(of repo: String, at revision: String = "main", _ kind: RepoKind = .model) async throws -> [String: String] {
        let found = try hub.files(of: try self.repo(repo, kind), at: try RevisionSpec(parsing: revision), for: admin)
        var files: [String: String] = [:]
        for file in found.files {
            files[file.path.text] = String(decoding: try await hub.blobs.bytes(of: file.digest, limit: 1 << 24), as: UTF8.self)
        }
        return files
    }
}
