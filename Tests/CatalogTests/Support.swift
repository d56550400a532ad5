import Catalog
import Core
import Foundation
import GRDB
import Hashing
import TestKit

/// A catalog in a folder of its own, with one owner `acme` and one repo `acme/whale`.
final class TestCatalog: Sendable {
    let folder: TestFolder
    let catalog: Catalog
    let clock = TestClock()
    var path: String { folder.file("catalog.sqlite") }

    init(_ folder: TestFolder? = nil) throws {
        self.folder = try folder ?? TestFolder()
        catalog = try Self.open(self.folder.file("catalog.sqlite"))
    }

    static func open(_ path: String) throws -> Catalog { try Catalog(path: path, readers: 4) { Digest(of: $0) } }

    func write<Value: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> Value) async throws -> Value {
        try await catalog.write(by: "test", at: clock.now, body)
    }

    /// A user, who is also an owner; the user's row.
    func user(_ name: String, isSiteAdmin: Bool = false) async throws -> Int64 {
        try await write { try $0.addUser(OwnerName(parsing: name), isSiteAdmin: isSiteAdmin) }
    }

    func repo(_ name: String, isPrivate: Bool = false) async throws -> RepoFacts {
        try await write { tx in
            let name = try RepoName(.model, parsing: name)
            let owner = try tx.rows.owner(name.owner)?.id ?? tx.addOwner(name.owner, isUser: false)
            let id = try tx.addRepo(name, owner: owner, isPrivate: isPrivate, description: "")
            guard let repo = try tx.rows.repo(id: id) else { throw HubError.unknownRepo(name) }
            return repo
        }
    }

    /// A revision of these files. Its commit id is made of `seed`.
    func revision(_ files: [FileEntry], in repo: RepoFacts, seed: String, parents: [Int64] = []) async throws -> RevisionFacts {
        try await write { tx in
            let tree = try tx.addTrees(Drafts.folders(of: files))
            let draft = RevisionDraft(
                repo: repo.id, commit: Drafts.gitID(seed), raw: Array("tree x\n\n\(seed)".utf8), manifest: Digest(of: seed), parents: parents,
                author: "test", message: seed)
            guard let facts = try tx.rows.revision(id: tx.addRevision(draft, tree: tree)) else { throw HubError.unknownRepo(repo.name) }
            return facts
        }
    }

    /// Another connection to the same file, with the rules on and nothing else of ours.
    func raw<Value>(_ body: (Database) throws -> Value) throws -> Value {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        let value = try queue.writeWithoutTransaction(body)
        try queue.close()
        return value
    }

    func brokenEvent() throws -> Int64? { try catalog.read { try $0.firstBrokenEvent(sha256: { Digest(of: $0) }) } }
}

/// Folders as the hub would hand them over, with ids that are not git's but as unique.
enum Drafts {
    static func digest(_ text: String) -> Digest { Digest(of: text) }

    static func gitID(_ text: String) -> GitID {
        let hasher = StreamHasher(.sha1)
        hasher.update(text)
        return GitID(bytes: hasher.finish())
    }

    static func file(_ path: String, _ content: String = "x", isExecutable: Bool = false) throws -> FileEntry {
        FileEntry(
            path: try FilePath(parsing: path), size: Int64(content.utf8.count), digest: Digest(of: content), isExecutable: isExecutable,
            storage: .regular, gitID: gitID(content))
    }

    static func folders(of files: [FileEntry]) -> [FolderDraft] {
        var folders: [FolderDraft] = []
        _ = add(files.map { ($0.path.parts.map(String.init)[...], $0) }, to: &folders)
        return folders
    }

    private static func add(_ files: [(path: ArraySlice<String>, file: FileEntry)], to folders: inout [FolderDraft]) -> Int {
        var children: [FolderDraft.Child] = []
        var text = ""
        for (name, inside) in Dictionary(grouping: files, by: { $0.path.first ?? "" }).sorted(by: { $0.key < $1.key }) {
            if inside.count == 1, inside[0].path.count == 1 {
                let file = inside[0].file
                children.append(
                    .init(
                        name: name,
                        content: .file(
                            digest: file.digest, size: file.size, isExecutable: file.isExecutable, storage: file.storage, gitID: file.gitID)))
                text += "file \(name) \(file.digest) \(file.isExecutable)\n"
            } else {
                let index = add(inside.map { ($0.path.dropFirst(), $0.file) }, to: &folders)
                children.append(.init(name: name, content: .folder(index: index)))
                text += "folder \(name) \(folders[index].digest)\n"
            }
        }
        folders.append(
            FolderDraft(
                digest: Digest(of: text), gitID: gitID(text), files: files.count, size: files.reduce(0) { $0 + $1.file.size },
                children: children))
        return folders.count - 1
    }
}
