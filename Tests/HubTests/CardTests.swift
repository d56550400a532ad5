import Core
@testable import Hub
import TestKit
import Testing

@Suite("cards of repos")
struct CardTests {
    /// A reader that takes the README's text for a tag.
    static func reader(_ test: TestHub, _ calls: Calls = Calls()) -> Hub.CardReader {
        { kind, files in
            calls.count += 1
            guard let readme = files.first(where: { $0.path.text == "README.md" }) else { return CardFacts() }
            let text = String(decoding: try await test.hub.bytes(of: readme.digest, ByteRange(0, readme.size)), as: UTF8.self)
            if text == "broken" { throw HubError(.storageDamaged, "broken") }
            return CardFacts(
                json: "{}", tags: ["Tag \(text)", kind.rawValue], pipelineTag: "task-\(text)", library: text, parameters: Int64(text.utf8.count))
        }
    }

    final class Calls: @unchecked Sendable { var count = 0 }

    static func names(_ test: TestHub, _ adjust: (inout RepoQuery) -> Void) throws -> [String] {
        var query = RepoQuery(.model)
        adjust(&query)
        return try test.hub.repos(query, for: test.admin).map(\.repo.name.path)
    }

    @Test("are read when main moved, and not again")
    func reading() async throws {
        let test = try await TestHub()
        let calls = Calls()
        let read = Self.reader(test, calls)
        try await test.publish(["README.md": "one"], to: "admin/a")
        try await test.publish(["README.md": "two"], to: "admin/b")
        #expect(try await test.hub.refreshCards(limit: 100, read) == 2)
        #expect(try await test.hub.refreshCards(limit: 100, read) == 0)
        let repo = try test.hub.repo(try test.repo("admin/a"), for: test.admin)
        #expect(try await test.hub.card(of: repo, read)?.library == "one")
        #expect(calls.count == 2)
        // A version or another branch changes no card.
        try await test.publish(["README.md": "three"], to: "admin/a") { $0.branch = try .named("dev") }
        #expect(try await test.hub.refreshCards(limit: 100, read) == 0)
        try await test.publish(["README.md": "three"], to: "admin/a")
        #expect(try await test.hub.card(of: repo, read)?.library == "three")
        #expect(calls.count == 3)
    }

    @Test("in parts, one after another")
    func parts() async throws {
        let test = try await TestHub()
        for i in 0..<5 { try await test.publish(["README.md": "\(i)"], to: "admin/r\(i)") }
        let read = Self.reader(test)
        #expect(try await test.hub.refreshCards(limit: 2, read) == 2)
        #expect(try await test.hub.refreshCards(limit: 2, read) == 2)
        #expect(try await test.hub.refreshCards(limit: 2, read) == 1)
    }

    @Test("one that cannot be read does not stop the others, and stays due")
    func broken() async throws {
        let test = try await TestHub()
        for name in ["broken", "whole"] { try await test.publish(["README.md": name], to: "admin/\(name)") }
        let read = Self.reader(test)
        _ = try await test.hub.refreshCards(limit: 100, read)
        #expect(try Self.names(test) { $0.tags = ["tag whole"] } == ["admin/whole"])
        #expect(try await test.hub.refreshCards(limit: 100, read) == 1)
    }

    @Test("make lists that can be filtered")
    func filters() async throws {
        let test = try await TestHub()
        for name in ["one", "two", "three"] {
            try await test.publish(["README.md": name], to: "admin/\(name)")
            test.clock.turn(seconds: 1)
        }
        _ = try await test.hub.refreshCards(limit: 100, Self.reader(test))
        #expect(try Self.names(test) { _ in } == ["admin/three", "admin/two", "admin/one"])
        #expect(try Self.names(test) { $0.tags = ["TAG TWO", "model"] } == ["admin/two"])
        #expect(try Self.names(test) { $0.tags = ["tag two", "tag one"] } == [])
        #expect(try Self.names(test) { $0.pipelineTag = "task-one" } == ["admin/one"])
        #expect(try Self.names(test) { $0.parameters = 4...9 } == ["admin/three"])
        #expect(try Self.names(test) { $0.parts = ["N/T", "o"] } == ["admin/two"])
        #expect(try Self.names(test) { $0.parts = ["_"] } == [])
        #expect(try test.hub.tags(.model, limit: 2, for: .anonymous).map(\.tag) == ["model", "tag one"])
    }

    @Test("a card goes with its repo")
    func deleted() async throws {
        let test = try await TestHub()
        try await test.publish(["README.md": "one"], to: "admin/a")
        _ = try await test.hub.refreshCards(limit: 100, Self.reader(test))
        try await test.hub.deleteRepo(try test.repo("admin/a"), expected: .none, by: test.admin)
        let rows = try test.rows()
        #expect(["repo_card", "repo_tag", "card_due"].map { rows.count($0) } == [0, 0, 0])
    }

    @Test("pages of any sort show every repo once", arguments: [RepoQuery.Sort.updated, .created, .downloads, .row])
    func pages(_ sort: RepoQuery.Sort) async throws {
        let test = try await TestHub()
        for i in 0..<7 {
            try await test.publish(["a": "1"], to: "admin/r\(i)")
            if i % 3 == 0 { test.clock.turn(seconds: 1) }
            for _ in 0..<(i % 2) { test.hub.countDownload(of: try test.hub.repo(try test.repo("admin/r\(i)"), for: test.admin).id) }
        }
        try await test.hub.flushDownloads()
        var seen: [RepoFacts] = []
        var query = RepoQuery(.model)
        query.sort = sort
        query.limit = 2
        for _ in 0..<9 {
            let page = try test.hub.repos(query, for: .anonymous).map(\.repo)
            seen += page
            guard let last = page.last else { break }
            query.after = last.place(in: sort)
        }
        #expect(Set(seen.map(\.id)).count == 7 && seen.count == 7)
        let keys = seen.map { $0.place(in: sort).key }
        #expect(keys == keys.sorted(by: >))
    }
}
