import Core
import Foundation
import Hub
import TestKit
import Testing

@Suite("publishing")
struct PublishTests {
    static let model = ["README.md": "whale", "weights/a": "aaa"]

    @Test("makes repo, revision, branch, version and events, and says what it made")
    func first() async throws {
        let test = try await TestHub()
        let ada = try await test.user("ada")
        let before = try test.events().count
        let made = try await test.publish(Self.model, to: "ada/whale", version: "1.0.0", by: ada)
        let revision = made.named.revision
        #expect(made.wasNew && made.version?.text == "1.0.0")
        #expect(revision.files == 2 && revision.size == 8 && revision.parents == [] && revision.author == "ada")
        #expect(revision.message == "Publish 1.0.0\n" && revision.created == test.clock.now)
        #expect(made.named.refs.map { "\($0.kind) \($0.name)" } == ["version 1.0.0", "branch main"])
        #expect(try test.actions(since: before) == ["repo.created", "branch.created", "version.created", "revision.published"])
        let event = try #require(try test.events().last)
        #expect(event.actor == "ada" && event.repo == "models/ada/whale" && event.at == test.clock.now)
        #expect(event.detail["commit"] == revision.commit.hex && event.detail["version"] == "1.0.0" && event.detail["files"] == "2")
        #expect(try await test.files(of: "ada/whale", at: "1.0.0") == Self.model)
        let repo = try test.hub.repo(test.repo("ada/whale"), for: .anonymous)
        #expect(repo.head == revision.commit && repo.latestVersion?.text == "1.0.0" && repo.files == 2 && repo.size == 8)
        #expect(try await test.verify().isWhole)
        await test.close()
    }

    @Test("the manifest's digest is that of the text a person can check with sha256sum")
    func manifest() async throws {
        let test = try await TestHub()
        let made = try await test.publish(Self.model, to: "acme/whale")
        let text = "grayling manifest 1\n\(TestHub.digest("whale").hex) 5  README.md\n\(TestHub.digest("aaa").hex) 3  weights/a\n"
        #expect(made.named.revision.manifest == TestHub.digest(text))
        await test.close()
    }

    @Test("the same files again make no commit; a version for them is only a name")
    func unchanged() async throws {
        let test = try await TestHub()
        let first = try await test.publish(Self.model, to: "acme/whale")
        test.clock.turn(seconds: 60)
        let rows = try test.rows()
        let again = try await test.publish(Self.model, to: "acme/whale") { $0.message = "another message" }
        #expect(!again.wasNew && again.named.revision == first.named.revision)
        #expect(try test.rows().tablesDifferent(from: rows) == ["lease"])

        let count = try test.events().count
        let named = try await test.publish(Self.model, to: "acme/whale", version: "1.0.0")
        #expect(!named.wasNew && named.named.revision == first.named.revision && named.named.refs.map(\.name.text) == ["1.0.0", "main"])
        #expect(try test.actions(since: count) == ["version.created"])
        await test.close()
    }

    @Test("two publishers at once: both revisions are there, one upon the other")
    func concurrent() async throws {
        let test = try await TestHub()
        try await test.publish(["a": "0"], to: "acme/whale")
        let made = try await withThrowingTaskGroup(of: GitID.self) { group in
            for i in 1...12 {
                group.addTask { try await test.publish(["a": "\(i)"], to: "acme/whale").named.revision.commit }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        let history = try test.hub.history(from: .main, of: test.repo("acme/whale"), limit: 100, for: test.admin).page.map(\.revision)
        #expect(made.count == 12 && history.count == 13 && made.isSubset(of: history.map(\.commit)))
        for (child, parent) in zip(history, history.dropFirst()) { #expect(child.parents == [parent.commit]) }
        #expect(try await test.verify().isWhole)
        await test.close()
    }
}
