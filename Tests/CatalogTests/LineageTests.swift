import Catalog
import Core
import Foundation
import TestKit
import Testing

@Suite("what was made from what")
struct LineageTests {
    /// A repo with one revision for each name.
    static func revisions(_ names: [String], in test: TestCatalog, isPrivate: (String) -> Bool = { _ in false }) async throws -> [String:
        RevisionFacts]
    {
        var made: [String: RevisionFacts] = [:]
        for name in names {
            let repo = try await test.repo("acme/\(name)", isPrivate: isPrivate(name))
            made[name] = try await test.revision([try Drafts.file("a", name)], in: repo, seed: name)
        }
        return made
    }

    static func join(
        _ edges: [(child: String, parent: String)], _ made: [String: RevisionFacts], _ test: TestCatalog, _ kind: LineageKind = .finetune
    ) async throws {
        for edge in edges {
            guard let child = made[edge.child], let parent = made[edge.parent] else { continue }
            try await test.write { try $0.addLineage(child: child.id, parent: parent.id, kind: kind) }
        }
    }

    static func steps(
        _ test: TestCatalog, _ from: RevisionFacts?, _ direction: LineageDirection, depth: Int = 64, user: Int64? = nil, seesAll: Bool = false
    ) throws -> [String] {
        guard let from else { return ["no such revision"] }
        return try test.catalog.read {
            try $0.lineage(of: from.id, direction, depth: depth, user: user, seesAll: seesAll).map {
                "\($0.depth) \($0.child.repo.name)<\($0.parent.repo.name)"
            }
        }
    }

    @Test("a chain of 70 is seen 64 deep, up and down, and no deeper than asked")
    func chain() async throws {
        let test = try TestCatalog()
        let names = (0...70).map { "r\($0)" }
        let made = try await Self.revisions(names, in: test)
        try await Self.join((0..<70).map { ("r\($0)", "r\($0 + 1)") }, made, test)
        let up = try Self.steps(test, made["r0"], .up)
        #expect(up == (0..<64).map { "\($0 + 1) r\($0)<r\($0 + 1)" })
        #expect(try Self.steps(test, made["r70"], .down) == (0..<64).map { "\($0 + 1) r\(69 - $0)<r\(70 - $0)" })
        #expect(try Self.steps(test, made["r0"], .up, depth: 3) == Array(up.prefix(3)))
        #expect(try Self.steps(test, made["r70"], .up) == [])
    }

    @Test("a diamond's edges come once each, with their smallest depth")
    func diamond() async throws {
        let test = try TestCatalog()
        let made = try await Self.revisions(["top", "left", "right", "long", "base", "ground"], in: test)
        // The base is two steps away on one side and three on the other.
        try await Self.join(
            [("top", "left"), ("top", "right"), ("left", "base"), ("right", "long"), ("long", "base"), ("base", "ground")], made, test)
        #expect(
            Set(try Self.steps(test, made["top"], .up)) == [
                "1 top<left", "1 top<right", "2 left<base", "2 right<long", "3 long<base", "3 base<ground"
            ])
        #expect(try Self.steps(test, made["top"], .up).count == 6)
        #expect(try Self.steps(test, made["ground"], .down).count == 6)
        #expect(try Self.steps(test, made["ground"], .down).map { $0.prefix(1) } == ["1", "2", "2", "3", "3", "4"])
    }

    @Test("declaring an edge again changes nothing but the log; another kind is another edge")
    func again() async throws {
        let test = try TestCatalog()
        let made = try await Self.revisions(["child", "parent"], in: test)
        try await Self.join([("child", "parent"), ("child", "parent")], made, test)
        #expect(try Self.steps(test, made["child"], .up) == ["1 child<parent"])
        try await Self.join([("child", "parent")], made, test, .adapter)
        #expect(try CatalogRows(of: test.path).count("lineage") == 2)
    }

    @Test("private repos show on neither end of an edge, except to those who may read them")
    func privacy() async throws {
        let test = try TestCatalog()
        let ada = try await test.user("ada")
        let made = try await Self.revisions(["top", "secret", "base"], in: test) { $0 == "secret" }
        try await Self.join([("top", "secret"), ("secret", "base")], made, test)
        let all = ["1 top<secret", "2 secret<base"]
        #expect(try Self.steps(test, made["top"], .up) == [])
        #expect(try Self.steps(test, made["base"], .down) == [])
        #expect(try Self.steps(test, made["top"], .up, user: ada) == [])
        #expect(try Self.steps(test, made["top"], .up, seesAll: true) == all)
        let secret = try #require(try test.catalog.read { try $0.repo(RepoName(.model, parsing: "acme/secret")) })
        try await test.write { try $0.setRole(.reader, of: ada, named: "ada", in: secret) }
        #expect(try Self.steps(test, made["top"], .up, user: ada) == all)
        #expect(try Self.steps(test, made["base"], .down, user: ada) == ["1 secret<base", "2 top<secret"])
    }

    @Test("nothing can be its own ancestor, whatever the detour")
    func cycles() async throws {
        let test = try TestCatalog()
        let made = try await Self.revisions(["a", "b", "c", "d"], in: test)
        try await Self.join([("a", "b"), ("b", "c"), ("c", "d")], made, test)
        let before = try CatalogRows(of: test.path)
        for (child, parent) in [("a", "a"), ("b", "a"), ("c", "a"), ("d", "a"), ("d", "b")] {
            let error = try await refusal { try await Self.join([(child, parent)], made, test, .merge) }
            #expect(error?.code == .lineageCycle, "\(child) from \(parent)")
            #expect(error?.message.contains("acme/\(child)@") == true)
        }
        #expect(try CatalogRows(of: test.path) == before)
        // Two roads to one ancestor are no circle.
        try await Self.join([("a", "d"), ("a", "c")], made, test)
        #expect(try CatalogRows(of: test.path).count("lineage") == 5)
    }
}
