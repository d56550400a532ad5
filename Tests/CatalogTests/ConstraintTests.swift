import Catalog
import Core
import Foundation
import GRDB
import TestKit
import Testing

/// Asked of the schema itself, past all of our code.
@Suite("the schema refuses what must never be")
struct ConstraintTests {
    /// acme/whale with two revisions, a branch, a version, an alias, a member and a lineage edge.
    static func filled() async throws -> TestCatalog {
        let test = try TestCatalog()
        let user = try await test.user("ada")
        let repo = try await test.repo("acme/whale")
        let first = try await test.revision([try Drafts.file("a.txt", "one")], in: repo, seed: "1")
        let second = try await test.revision([try Drafts.file("b/a.txt", "two")], in: repo, seed: "2", parents: [first.id])
        try await test.write { tx in
            try tx.addRef(.main, .branch, to: second, in: repo)
            try tx.addRef(RefName(parsing: "1.0.0"), .version, to: first, in: repo)
            try tx.addRef(RefName(parsing: "champion"), .alias, to: first, in: repo)
            try tx.addLineage(child: second.id, parent: first.id, kind: .finetune)
            try tx.addLock(Digest(parsing: String(repeating: "a", count: 64)), name: "lock", bytes: [1], revisions: [first.id], by: user)
            _ = try tx.addToken(name: "t", hash: Digest(parsing: String(repeating: "b", count: 64)), user: user, role: .writer, expires: nil)
        }
        return test
    }

    struct Wrong: Sendable, CustomTestStringConvertible {
        let story: String
        let sql: String
        var testDescription: String { story }
        init(_ story: String, _ sql: String) {
            self.story = story
            self.sql = sql
        }
    }
    static let hash = "x'" + String(repeating: "ab", count: 32) + "'"
    static let id = "x'" + String(repeating: "cd", count: 20) + "'"

    @Test(
        "refused",
        arguments: [
            Wrong("an event is never changed", "UPDATE event SET actor = 'nobody' WHERE sequence = 1"),
            Wrong("an event is never deleted", "DELETE FROM event"),
            Wrong("an event without a whole hash", "INSERT INTO event VALUES (999, 0, 'a', 'b', NULL, '', x'00', x'00')"),
            Wrong("a repo in other case", "INSERT INTO repo SELECT 99, kind, owner, 'WHALE', folded, 0, '', 1, 0, 0, 0 FROM repo"),
            Wrong("an owner in other case", "INSERT INTO owner SELECT 99, 'ACME', folded, kind, 0 FROM owner WHERE folded = 'acme'"),
            Wrong("an unknown kind of repo", "UPDATE repo SET kind = 'space'"),
            Wrong("an owner that repos need is deleted", "DELETE FROM owner WHERE folded = 'acme'"),
            Wrong("a version moves", "UPDATE ref SET revision = (SELECT max(id) FROM revision) WHERE kind = 'version'"),
            Wrong("a version becomes a branch", "UPDATE ref SET kind = 'branch' WHERE kind = 'version'"),
            Wrong("a version is renamed", "UPDATE ref SET name = '2.0.0' WHERE kind = 'version'"),
            Wrong(
                "a branch and an alias share a name",
                "INSERT INTO ref SELECT 99, repo, 'main', 'alias', revision, 1, 0, 'a', NULL FROM ref WHERE kind = 'alias'"),
            Wrong("a branch is withdrawn", "UPDATE ref SET withdrawn = 'why' WHERE kind = 'branch'"),
            Wrong("a name of no revision", "INSERT INTO ref SELECT 99, repo, 'x', 'branch', 12345, 1, 0, 'a', NULL FROM ref WHERE kind = 'alias'"),
            Wrong("a blob twice", "INSERT INTO blob SELECT 99, digest, size, NULL FROM blob LIMIT 1"),
            Wrong("a blob of negative size", "INSERT INTO blob VALUES (99, \(hash), -1, NULL)"),
            Wrong("a blob with half a digest", "INSERT INTO blob VALUES (99, x'abcd', 1, NULL)"),
            Wrong("a blob that a folder holds is deleted", "DELETE FROM blob"),
            Wrong("a folder inside another is deleted", "DELETE FROM tree WHERE id IN (SELECT child FROM tree_entry)"),
            Wrong("an entry that is file and folder", "UPDATE tree_entry SET blob = (SELECT max(id) FROM blob) WHERE child IS NOT NULL"),
            Wrong("an entry that is neither", "UPDATE tree_entry SET blob = NULL WHERE blob IS NOT NULL"),
            Wrong("a folder that a revision needs is deleted", "DELETE FROM tree WHERE id IN (SELECT tree FROM revision)"),
            Wrong(
                "a commit twice in a repo", "INSERT INTO revision SELECT 99, repo, commit_id, tree, manifest, raw, '', '', 0 FROM revision LIMIT 1"),
            Wrong("a revision that has children is deleted", "DELETE FROM revision WHERE id IN (SELECT parent FROM lineage)"),
            Wrong("a revision that a lock pins is deleted", "DELETE FROM revision WHERE id IN (SELECT revision FROM lock_revision)"),
            Wrong("a revision is its own parent", "INSERT INTO lineage SELECT id, id, 'merge', 0 FROM revision LIMIT 1"),
            Wrong("an unknown kind of lineage", "UPDATE lineage SET kind = 'friend'"),
            Wrong("a token secret twice", "INSERT INTO token SELECT 99, user, name, hash, role, 0, NULL, NULL FROM token"),
            Wrong("an unknown role", "INSERT INTO owner_role SELECT o.id, u.id, 'king' FROM owner o, user u LIMIT 1"),
            Wrong("a user who registered a lock is deleted", "DELETE FROM user"),
            Wrong("text where a number belongs", "UPDATE repo SET downloads = 'many'")
        ])
    func refuses(_ wrong: Wrong) async throws {
        let test = try await Self.filled()
        let before = try CatalogRows(of: test.path)
        #expect(throws: DatabaseError.self) { try test.raw { try $0.execute(sql: wrong.sql) } }
        #expect(try CatalogRows(of: test.path).tablesDifferent(from: before) == [])
    }

    @Test("the same refusals in the hub's words")
    func words() async throws {
        let test = try await Self.filled()
        let repo = try #require(try test.catalog.read { try $0.repo(RepoName(.model, parsing: "acme/whale")) })
        let revision = try #require(try test.catalog.read { try $0.revision(.main, in: repo.id) })
        #expect(try await code { try await test.repo("ACME/Whale") } == .repoExists)
        #expect(try await code { try await test.user("Acme") } == .ownerExists)
        let again = try await refusal { try await test.write { try $0.addRef(RefName(parsing: "1.0.0"), .version, to: revision, in: repo) } }
        #expect(again?.code == .versionExists)
        #expect(again?.message.contains("acme/whale already has a version 1.0.0") == true)
        #expect(try await code { try await test.write { try $0.addRef(.main, .alias, to: revision, in: repo) } } == .refExists)
        #expect(
            try await code { try await test.write { try $0.addRef(RefName(parsing: "champion"), .branch, to: revision, in: repo) } } == .refExists)
        #expect(try await code { try await test.write { try $0.removeRepo(repo, by: .anonymous) } } == .protected)
        #expect(try await code { try await test.write { try $0.addBlob(Drafts.file("a", "one").digest, size: 4, gitID: nil) } } == .sizeMismatch)
        #expect(try test.brokenEvent() == nil)
    }

    @Test("a deleted repo takes its rows along, and only those")
    func cascade() async throws {
        let test = try await Self.filled()
        let other = try await test.repo("acme/other")
        let kept = try await test.revision([try Drafts.file("a.txt", "one")], in: other, seed: "1")
        try await test.write { tx in
            guard let lock = try tx.rows.lock(Digest(parsing: String(repeating: "a", count: 64))) else { return }
            try tx.removeLock(lock.facts)
            guard let repo = try tx.rows.repo(RepoName(.model, parsing: "acme/whale")) else { return }
            try tx.removeRepo(repo, by: .anonymous)
        }
        let rows = try CatalogRows(of: test.path)
        #expect(rows.count("repo") == 1 && rows.count("revision") == 1 && rows.count("ref") == 0 && rows.count("alias_move") == 0)
        #expect(rows.count("lineage") == 0 && rows.count("repo_tree") == 1 && rows.count("repo_blob") == 1)
        #expect(try test.catalog.read { try $0.files(tree: kept.treeRow) }.map(\.path.text) == ["a.txt"])
        #expect(try test.catalog.read { try $0.integrityProblems() } == [])
    }
}
