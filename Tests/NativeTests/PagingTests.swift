import API
import Core
import Foundation
import Hub
import TestKit
import Testing

@Suite("cursors walk whole lists")
struct PagingTests {
    /// Every item behind `path`, in pages of `limit`; an empty page with more behind it fails.
    static func walk<Item: Codable & Sendable>(_ path: String, limit: Int, as secret: String?, on server: NativeServer) async throws -> [Item] {
        var (items, cursor): ([Item], String?) = ([], nil)
        for _ in 0..<1000 {
            let target = path + (path.contains("?") ? "&" : "?") + "limit=\(limit)" + (cursor.map { "&cursor=\($0)" } ?? "")
            let answer = try await server.ask("GET", target, as: secret)
            #expect(answer.status == 200, "\(target): \(answer.text)")
            let page = try JSON.decode(Page<Item>.self, from: Data(answer.body))
            #expect(page.items.count <= limit)
            items += page.items
            guard let next = page.next else { return items }
            #expect(page.items.count == limit, "a page with more behind it is full")
            cursor = next
        }
        Issue.record("\(path) never ends")
        return items
    }

    @Test("whatever the size of a page, nothing is left out and nothing comes twice", arguments: [1, 2, 3, 7, 12, 13, 1000])
    func lists(_ limit: Int) async throws {
        try await NativeServer.run { (server) async throws in
            let test = server.test
            let eve = try await test.token("eve")
            var expectedRepos: [String] = []
            for i in 0..<12 {
                // Some change at the same moment, some are private.
                if i % 3 == 0 { test.clock.turn(seconds: 1) }
                try await test.publish(["a": "\(i)"], to: "acme/r\(i)") { $0.isPrivate = i % 4 == 3 }
                if i % 4 != 3 { expectedRepos.append("r\(i)") }
            }
            let repos: [RepoInfo] = try await Self.walk("/hub/v1/models", limit: limit, as: eve, on: server)
            #expect(repos.map(\.name) == expectedRepos.reversed())
            let all: [RepoInfo] = try await Self.walk("/hub/v1/models?owner=ACME", limit: limit, as: TestHub.adminSecret, on: server)
            #expect(all.map(\.name) == (0..<12).reversed().map { "r\($0)" })

            let files = Dictionary(uniqueKeysWithValues: (0..<13).map { ("f\($0 % 3)/\($0)", "x\($0)") })
            try await test.publish(files, to: "acme/files")
            let found: [FileInfo] = try await Self.walk("/hub/v1/models/acme/files/files", limit: limit, as: nil, on: server)
            #expect(found.map(\.path) == files.keys.sorted())
            let some: [FileInfo] = try await Self.walk("/hub/v1/models/acme/files/files?prefix=f1/", limit: limit, as: nil, on: server)
            #expect(some.map(\.path) == files.keys.sorted().filter { $0.hasPrefix("f1/") })

            var commits = [try test.hub.revision(.main, of: test.repo("acme/files"), for: test.admin).revision.commit.hex]
            for i in 0..<6 { commits.insert(try await test.publish(["n": "\(i)"], to: "acme/files").named.revision.commit.hex, at: 0) }
            let revisions: [RevisionInfo] = try await Self.walk("/hub/v1/models/acme/files/revisions", limit: limit, as: nil, on: server)
            #expect(revisions.map(\.commit) == commits)

            for commit in commits {
                _ = try await test.hub.setRef(
                    RefName(parsing: "best"), .alias, to: .commit(GitID(parsing: commit)), in: test.repo("acme/files"), expected: .none,
                    by: test.admin)
            }
            let moves: [AliasMove] = try await Self.walk("/hub/v1/models/acme/files/aliases/best/history", limit: max(limit, 2), as: nil, on: server)
            #expect(moves.compactMap(\.to) == commits.reversed())

            let total = try test.events().count
            let events: [EventInfo] = try await Self.walk("/hub/v1/events", limit: max(limit, 10), as: TestHub.adminSecret, on: server)
            #expect(events.map(\.sequence) == Array(1...Int64(events.count)) && events.count == total)
            let owners: [OwnerInfo] = try await Self.walk("/hub/v1/owners", limit: limit, as: nil, on: server)
            #expect(owners.map(\.name) == ["acme", "admin", "eve"])
        }
    }

    @Test("files stay those of the revision that the first page was of")
    func steady() async throws {
        try await NativeServer.run { (server) async throws in
            try await server.test.publish(["a": "1", "b": "1", "c": "1"], to: "acme/whale")
            let first = try JSON.decode(Page<FileInfo>.self, from: Data(try await server.ask("GET", "/hub/v1/models/acme/whale/files?limit=1").body))
            try await server.test.publish(["a": "2", "aa": "2", "c": "2"], to: "acme/whale")
            let rest = try await server.ask("GET", "/hub/v1/models/acme/whale/files?cursor=\(first.next ?? "")")
            let items = try JSON.decode(Page<FileInfo>.self, from: Data(rest.body)).items
            #expect(items.map(\.path) == ["b", "c"] && items.allSatisfy { $0.digest == TestHub.digest("1").description })
        }
    }
}
