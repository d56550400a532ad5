@testable import Catalog
import Core
import Foundation
import GRDB
import TestKit
import Testing

@Suite("rows of cards, and lists by them")
struct CardRowsTests {
    static func plans(_ adjust: @escaping @Sendable (inout RepoQuery) -> Void) async throws -> [String] {
        let (test, _, _) = try await PlanTests.filled()
        return try PlanTests.plans(test) { rows in
            var query = RepoQuery(.model)
            query.user = 1
            adjust(&query)
            _ = try rows.repos(query)
        }
    }

    @Test("tags are searched by their index, and the usual list comes in the order of its own")
    func lists() async throws {
        let usual = try await Self.plans { $0.after = .init(key: 5, id: 1) }
        #expect(PlanTests.scans(in: usual) == [])
        #expect(usual.contains { $0.contains("repo_by_change") } && !usual.contains { $0.contains("TEMP B-TREE") })
        let tagged = try await Self.plans { $0.tags = ["a", "b"] }
        #expect(PlanTests.scans(in: tagged) == [])
        #expect(tagged.contains { $0.contains("repo_tag") && $0.contains("tag=?") })
    }

    static let queries: [PlanTests.Query] = [
        .init("due cards") { rows, _, _ in _ = try rows.dueCards(after: 1, limit: 10) },
        .init("is a card due") { rows, repo, _ in _ = try rows.isCardDue(repo.id) },
        .init("card of a repo") { rows, repo, _ in _ = try rows.card(of: repo.id) },
        .init("abbreviated commit") { rows, repo, _ in _ = try rows.revisionID(.name(RefName(parsing: "abcdef0")), in: repo.id) },
        .init("items of a tree") { rows, _, revision in
            _ = try rows.items(tree: revision.treeRow, base: "", isRecursive: true, after: nil, limit: 10)
        },
        .init("a folder") { rows, _, revision in _ = try rows.folder(FilePath(parsing: "b"), tree: revision.treeRow) },
        .init("memberships") { rows, _, _ in _ = try rows.memberships(ofUser: 1) },
        .init("stored bytes") { rows, repo, _ in _ = try rows.storedBytes(ofRepo: repo.id) }
    ]

    @Test("nothing here reads a table of all repos from end to end", arguments: queries)
    func noScan(_ query: PlanTests.Query) async throws {
        let (test, repo, revision) = try await PlanTests.filled()
        let plans = try PlanTests.plans(test) { try query.run($0, repo, revision) }
        #expect(plans.contains { $0.hasPrefix("SEARCH") })
        #expect(PlanTests.scans(in: plans) == [])
    }

    @Test("a card that was read at an older head stays due")
    func stale() async throws {
        let test = try TestCatalog()
        let repo = try await test.repo("acme/whale")
        let old = try await test.revision([try Drafts.file("a", "1")], in: repo, seed: "old")
        let new = try await test.revision([try Drafts.file("a", "2")], in: repo, seed: "new")
        try await test.write { try $0.addRef(.main, .branch, to: new, in: repo) }
        let facts = CardFacts(json: "{}", tags: ["B", "a", "a\nb", ""], pipelineTag: "p", library: "l", parameters: 5)
        try await test.write { try $0.setCard(facts, of: repo.id, at: old.commit) }
        #expect(try test.catalog.read { try $0.isCardDue(repo.id) })
        try await test.write { try $0.setCard(facts, of: repo.id, at: new.commit) }
        try test.catalog.read { (rows) throws in
            #expect(try !rows.isCardDue(repo.id))
            let kept = try rows.card(of: repo.id)
            #expect(kept?.commit == new.commit)
            #expect(kept?.facts == CardFacts(json: "{}", tags: ["B", "a"], pipelineTag: "p", library: "l", parameters: 5))
            #expect(try rows.tags(.model, user: nil, seesAll: false, limit: 9).map(\.tag) == ["a", "b"])
            #expect(try rows.tags(.dataset, user: nil, seesAll: false, limit: 9).isEmpty)
        }
    }

    @Test("repos from before there were cards are due")
    func older() async throws {
        let folder = try TestFolder()
        let source = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent().appending(path: "Fixtures/catalog-9.sqlite")
        try FileManager.default.copyItem(at: source, to: URL(filePath: folder.file("catalog.sqlite")))
        let test = try TestCatalog(folder)
        let heads = try test.raw { try Int64.fetchAll($0, sql: "SELECT repo FROM ref WHERE name = 'main' AND kind = 'branch' ORDER BY repo") }
        #expect(!heads.isEmpty)
        #expect(try test.catalog.read { try $0.dueCards(after: 0, limit: 100) } == heads)
    }
}
