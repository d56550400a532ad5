@testable import Catalog
import Core
import Foundation
import GRDB
import Hashing
import TestKit
import Testing

/// The plan of the SQL that ran, not of a copy of it.
@Suite("hot queries use their index")
struct PlanTests {
    /// What SQLite would do for each statement that `body` ran.
    static func plans(_ test: TestCatalog, _ body: (Snapshot) throws -> Void) throws -> [String] {
        try test.catalog.read { (rows) throws in
            var ran: Set<String> = []
            rows.db.trace { event in
                // The full text index asks its own small tables.
                if case .statement(let statement) = event, !statement.sql.hasPrefix("--"), !statement.sql.contains("'repo_search_") {
                    ran.insert(statement.sql)
                }
            }
            defer { rows.db.trace(nil) }
            try body(rows)
            rows.db.trace(nil)
            return try ran.filter { $0.contains("SELECT") }.sorted().flatMap { sql in
                let statement = try rows.db.makeStatement(sql: "EXPLAIN QUERY PLAN " + sql)
                statement.setUncheckedArguments(StatementArguments())
                return try Row.fetchAll(statement).map { $0["detail"] as String }
            }
        }
    }

    static func filled() async throws -> (TestCatalog, RepoFacts, RevisionFacts) {
        let test = try await ConstraintTests.filled()
        let (repo, revision) = try test.catalog.read { (rows) throws in
            let repo = try rows.repo(RepoName(.model, parsing: "acme/whale"))
            return (repo, try repo.flatMap { try rows.revision(.main, in: $0.id) })
        }
        return (test, try #require(repo), try #require(revision))
    }

    struct Query: Sendable, CustomTestStringConvertible {
        let name: String
        let run: @Sendable (Snapshot, RepoFacts, RevisionFacts) throws -> Void
        var testDescription: String { name }
        init(_ name: String, _ run: @escaping @Sendable (Snapshot, RepoFacts, RevisionFacts) throws -> Void) {
            self.name = name
            self.run = run
        }
    }

    static let queries: [Query] = [
        Query("access") { rows, repo, _ in _ = try rows.access(repo.name, user: 1) },
        Query("access by a former name") { rows, _, _ in _ = try rows.access(RepoName(.model, parsing: "acme/old"), user: 1) },
        Query("headOf a name") { rows, repo, _ in _ = try rows.headOf(.main, in: repo.id) },
        Query("headOf master") { rows, repo, _ in _ = try rows.headOf(.name(RefName(parsing: "master")), in: repo.id) },
        Query("revisionID of a commit") { rows, repo, revision in _ = try rows.revisionID(.commit(revision.commit), in: repo.id) },
        Query("file") { rows, _, revision in _ = try rows.file(FilePath(parsing: "b/a.txt"), tree: revision.treeRow) },
        Query("holder of a token") { rows, _, _ in _ = try rows.holder(ofTokenHash: Digest(of: "secret")) },
        Query("readable blobs") { rows, _, _ in
            _ = try rows.readable([Digest(of: "one")], user: 1, seesAll: false, now: Instant(milliseconds: 0))
        },
        Query("one repo") { rows, repo, _ in _ = try rows.repo(id: repo.id) },
        Query("one revision") { rows, _, revision in _ = try rows.revision(id: revision.id) },
        Query("files") { rows, _, revision in _ = try rows.files(tree: revision.treeRow) },
        Query("difference") { rows, _, revision in _ = try rows.difference(from: nil, to: revision.treeRow) },
        Query("history") { rows, _, revision in _ = try rows.history(from: revision.id, limit: 10) },
        Query("refs of a repo") { rows, repo, _ in _ = try rows.refs(in: repo.id) },
        Query("refs of a revision") { rows, _, revision in _ = try rows.refs(of: revision.id) },
        Query("alias moves") { rows, repo, _ in _ = try rows.aliasMoves(RefName(parsing: "champion"), in: repo.id, before: .max, limit: 10) },
        Query("lineage up") { rows, _, revision in _ = try rows.lineage(of: revision.id, .up, depth: 64, user: 1, seesAll: false) },
        Query("lineage down") { rows, _, revision in _ = try rows.lineage(of: revision.id, .down, depth: 64, user: 1, seesAll: false) },
        Query("needs") { rows, _, _ in _ = try rows.needs(Digest(of: "nobody's"), now: Instant(milliseconds: 0)) },
        Query("events of a repo") { rows, repo, _ in _ = try rows.events(after: 3, repo: "models/\(repo.name.path)", limit: 10) },
        Query("all events") { rows, _, _ in _ = try rows.events(after: 3, repo: nil, limit: 10) },
        Query("stored answer") { rows, _, _ in _ = try rows.storedAnswer(user: 1, key: "k") },
        Query("blobs in order") { rows, _, _ in _ = try rows.blobs(after: Digest(of: "x"), limit: 10) },
        Query("one lock") { rows, _, _ in _ = try rows.lock(Digest(of: "x")) }
    ]

    /// The walk's own short list, and the full text index, are read from end to end by design.
    static func scans(in plans: [String]) -> [String] {
        let allowed = ["SCAN CONSTANT ROW", "SCAN w", "SCAN walk", "SCAN up", "SCAN repo_search VIRTUAL TABLE"]
        return plans.filter { plan in plan.hasPrefix("SCAN") && !allowed.contains { plan == $0 || plan.hasPrefix($0 + " ") } }
    }

    @Test("reads no table from end to end", arguments: queries)
    func noScan(_ query: Query) async throws {
        let (test, repo, revision) = try await Self.filled()
        let plans = try Self.plans(test) { try query.run($0, repo, revision) }
        #expect(plans.contains { $0.hasPrefix("SEARCH") })
        #expect(Self.scans(in: plans) == [])
    }

    @Test("the list of repos comes in the order of its index", arguments: [nil, Instant(milliseconds: 5)] as [Instant?])
    func repos(_ before: Instant?) async throws {
        let (test, _, _) = try await Self.filled()
        let all = try Self.plans(test) { rows in
            _ = try rows.repos(.init(kind: .model, user: 1, seesAll: false), before: before, beforeID: 1, limit: 10)
        }
        #expect(Self.scans(in: all) == [])
        #expect(all.contains { $0.contains("repo_by_change") })
        #expect(!all.contains { $0.contains("TEMP B-TREE") })
        let found = try Self.plans(test) { rows in
            _ = try rows.repos(.init(kind: .model, words: ["whale"], user: nil, seesAll: false), before: before, beforeID: 1, limit: 10)
        }
        #expect(Self.scans(in: found) == [])
        #expect(found.contains { $0.contains("repo_search VIRTUAL TABLE INDEX") })
    }

    @Test("a scan would be seen")
    func seen() async throws {
        let (test, _, _) = try await Self.filled()
        let plans = try Self.plans(test) { _ = try $0.revisionsWithoutParent() }
        #expect(!Self.scans(in: plans).isEmpty)
    }
}
