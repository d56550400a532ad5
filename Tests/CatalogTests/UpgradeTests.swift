import Catalog
import Core
import Foundation
import GRDB
import Hashing
import Migrations
import TestKit
import Testing

/// Databases as earlier programs left them, one for each set of migrations that was released.
///
/// To keep one before adding a migration:
/// `GRAYLING_KEEP_CATALOG=1 swift test --filter UpgradeTests/keep`, then commit the new file.
@Suite("upgrade from kept databases")
struct UpgradeTests {
    static let kept = ["catalog-9.sqlite"]

    @Test("what was in it is still there, and it takes new things", arguments: kept)
    func upgrade(_ name: String) async throws {
        let folder = try TestFolder()
        let resource = try #require(Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: nil))
        try FileManager.default.copyItem(atPath: resource.path, toPath: folder.file("catalog.sqlite"))
        let test = try TestCatalog(folder)
        #expect(try test.raw { try Int.fetchOne($0, sql: "SELECT max(number) FROM schema_migration") } == Migrations.all.count)
        #expect(try test.catalog.read { try $0.integrityProblems() } == [])
        #expect(try test.brokenEvent() == nil)
        let repo = try #require(try test.catalog.read { try $0.repo(RepoName(.model, parsing: "acme/whale")) })
        let head = try #require(try test.catalog.read { try $0.revision(.main, in: repo.id) })
        try test.catalog.read { (rows) throws in
            #expect(try rows.files(tree: head.treeRow).map(\.path.text) == ["README.md", "weights/a", "weights/b"])
            #expect(try rows.refs(in: repo.id).map { "\($0.kind) \($0.name)" } == ["alias champion", "branch main", "version 1.0.0"])
            #expect(try rows.lineage(of: head.id, .up, depth: 64, user: nil, seesAll: true).map(\.kind) == [.finetune])
            #expect(try rows.repo(RepoName(.model, parsing: "acme/orca"))?.id == repo.id, "the former name still leads here")
            #expect(try rows.holder(ofTokenHash: Digest(of: "secret"))?.user.name == "ada")
            #expect(try rows.storedAnswer(user: 1, key: "key")?.revision == head.id)
            #expect(try rows.locks(after: 0, limit: 10).map(\.facts.name) == ["prod"])
            #expect(try rows.aliasMoves(RefName(parsing: "champion"), in: repo.id, before: .max, limit: 10).count == 2)
            #expect(
                try rows.repos(.init(kind: .model, words: ["whale"], user: nil, seesAll: false), before: nil, beforeID: 0, limit: 10).map(\.id) == [
                    repo.id
                ])
        }
        _ = try await test.revision([try Drafts.file("new", "new")], in: repo, seed: "new", parents: [head.id])
        #expect(try test.brokenEvent() == nil)
        await test.catalog.close()
    }

    @Test("keep a database of today", .enabled(if: ProcessInfo.processInfo.environment["GRAYLING_KEEP_CATALOG"] != nil))
    func keep() async throws {
        let test = try TestCatalog()
        let ada = try await test.user("ada")
        let base = try await test.revision([try Drafts.file("base", "base")], in: try await test.repo("acme/base"), seed: "base")
        let repo = try await test.repo("acme/orca")
        let weights = try [Drafts.file("weights/a", "a"), Drafts.file("weights/b", "b", isExecutable: true)]
        let first = try await test.revision(weights, in: repo, seed: "1")
        let head = try await test.revision(weights + [try Drafts.file("README.md", "read")], in: repo, seed: "2", parents: [first.id])
        try await test.write { tx in
            try tx.addRef(.main, .branch, to: head, in: repo)
            try tx.addRef(RefName(parsing: "1.0.0"), .version, to: first, in: repo)
            try tx.addRef(RefName(parsing: "champion"), .alias, to: first, in: repo)
            guard let alias = try tx.rows.ref(RefName(parsing: "champion"), in: repo.id) else { return }
            try tx.moveRef(alias, to: head, in: repo)
            try tx.addLineage(child: head.id, parent: base.id, kind: .finetune)
            try tx.addLock(Digest(of: "lock"), name: "prod", bytes: [1, 2], revisions: [first.id], by: ada)
            try tx.lease([Digest(of: "leased")], user: ada, hasBytes: true, until: tx.now.adding(seconds: 60))
            _ = try tx.addToken(name: "t", hash: Digest(of: "secret"), user: ada, role: .writer, expires: nil)
            try tx.storeAnswer(user: ada, key: "key", request: Digest(of: "request"), revision: head.id)
            guard let owner = try tx.rows.owner(repo.name.owner) else { return }
            try tx.setRole(.writer, of: ada, named: "ada", inOwner: owner)
            try tx.setRole(.reader, of: ada, named: "ada", in: repo)
            try tx.moveRepo(repo, to: RepoName(.model, parsing: "acme/whale"), owner: owner.id)
        }
        await test.catalog.close()
        // Small pages keep forty nearly empty tables and indexes small; the size of a page does not matter to what reads them.
        try tamper(test.path, "PRAGMA journal_mode = DELETE; PRAGMA page_size = 1024; VACUUM")
        let target = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .appending(path: "Fixtures/catalog-\(Migrations.all.count).sqlite")
        try? FileManager.default.removeItem(at: target)
        try FileManager.default.copyItem(atPath: test.path, toPath: target.path)
    }
}
