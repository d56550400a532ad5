import Blobs
import Core
import Foundation
import Hub
import NIOCore
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

    @Test("a version that exists is refused and nothing else of the publish stays")
    func versionExists() async throws {
        let test = try await TestHub()
        try await test.publish(Self.model, to: "acme/whale", version: "1.0.0")
        let other = Self.model.merging(["new": "new"]) { $1 }
        for content in other.values { try await test.send(content, by: test.admin) }
        let rows = try test.rows()
        let error = try await refusal { try await test.publish(other, to: "acme/whale", version: "1.0.0") }
        #expect(error?.code == .versionExists)
        #expect(error?.message.contains("acme/whale already has a version 1.0.0") == true)
        #expect(try test.rows() == rows)
        #expect(try await test.files(of: "acme/whale") == Self.model)
        #expect(try await code { try await test.publish(other, to: "acme/whale", version: "main") } == .versionExists)
        #expect(try await code { try await test.publish(other, to: "acme/whale") { $0.branch = try .named("1.0.0") } } == .refExists)
        #expect(try test.rows() == rows)
        await test.close()
    }

    @Test("whoever expects another head is told where it is")
    func expectedHead() async throws {
        let test = try await TestHub()
        let first = try await test.publish(["a": "1"], to: "acme/whale") { $0.expectedHead = .absent }.named.revision.commit
        let second = try await test.publish(["a": "2"], to: "acme/whale") { $0.expectedHead = .commit(first) }.named.revision
        #expect(second.parents == [first])
        try await test.send("3", by: test.admin)
        let rows = try test.rows()
        for expected in [PublishDraft.ExpectedHead.absent, .commit(first)] {
            let error = try await refusal { try await test.publish(["a": "3"], to: "acme/whale") { $0.expectedHead = expected } }
            #expect(error?.code == .headMoved && error?.details["head"] == second.commit.hex)
        }
        #expect(try test.rows() == rows)
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

    @Test("the same key and request again get the same answer and do nothing", arguments: [true, false])
    func replay(_ isNew: Bool) async throws {
        let test = try await TestHub()
        let ada = try await test.user("ada")
        if !isNew { try await test.publish(Self.model, to: "ada/whale", by: ada) }
        test.clock.turn(seconds: 60)
        let first = try await test.publish(Self.model, to: "ada/whale", version: "1.0.0", by: ada) { $0.idempotencyKey = "key-1" }
        #expect(first.wasNew == isNew)
        test.clock.turn(seconds: 60)
        for content in ["other"] { try await test.send(content, by: ada) }
        let rows = try test.rows()
        for _ in 0..<2 {
            var draft = try test.draft(Self.model, to: "ada/whale")
            (draft.version, draft.idempotencyKey) = (try .named("1.0.0"), "key-1")
            let again = try await test.hub.publish(draft, by: ada)
            #expect(again.named.revision == first.named.revision && again.wasNew == first.wasNew && again.version == first.version)
            draft.files = try test.draft(["a": "other"], to: "ada/whale").files
            #expect(try await code { try await test.hub.publish(draft, by: ada) } == .idempotencyConflict)
        }
        #expect(try test.rows() == rows)
        // A key is one person's own.
        let boss = try await test.publish(Self.model, to: "ada/whale", by: test.admin) { $0.idempotencyKey = "key-1" }
        #expect(!boss.wasNew)
        await test.close()
    }

    @Test("the same request many times at the same moment is done once")
    func race() async throws {
        let test = try await TestHub()
        for content in Self.model.values { try await test.send(content, by: test.admin) }
        var prepared = try test.draft(Self.model, to: "acme/whale")
        (prepared.idempotencyKey, prepared.version) = ("once", try .named("1.0.0"))
        let draft = prepared
        let answers = try await withThrowingTaskGroup(of: PublishedRevision.self) { group in
            for _ in 0..<16 { group.addTask { try await test.hub.publish(draft, by: test.admin) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(answers.map(\.named.revision)).count == 1 && answers.allSatisfy(\.wasNew))
        #expect(try test.rows().count("revision") == 1)
        await test.close()
    }

    @Test("a stored answer is not shown to one who may no longer publish there")
    func replayAfterLoss() async throws {
        let test = try await TestHub()
        let bob = try await test.user("bob")
        try await test.hub.createOwner(OwnerName(parsing: "acme"), by: test.admin)
        try await test.hub.setRole(.writer, of: OwnerName(parsing: "bob"), in: OwnerName(parsing: "acme"), by: test.admin)
        try await test.publish(Self.model, to: "acme/whale", by: bob) { ($0.idempotencyKey, $0.isPrivate) = ("k", true) }
        try await test.hub.setRole(nil, of: OwnerName(parsing: "bob"), in: OwnerName(parsing: "acme"), by: test.admin)
        var draft = try test.draft(Self.model, to: "acme/whale")
        (draft.idempotencyKey, draft.isPrivate) = ("k", true)
        let again = draft
        #expect(try await code { try await test.hub.publish(again, by: bob) } == .notPermitted)
        await test.close()
    }

    @Test("blobs that are not here are named by digest, and nothing is made")
    func missing() async throws {
        let test = try await TestHub()
        let ada = try await test.user("ada")
        try await test.send("here", by: ada)
        let draft = try test.draft(["a": "here", "b": "absent", "c/d": "absent too", "e": "absent"], to: "ada/whale")
        let plan = try await test.hub.planPublish(draft.files, to: draft.repo, by: ada)
        #expect(plan.missing == [TestHub.digest("absent"), TestHub.digest("absent too")] && plan.present == 1)
        let rows = try test.rows()
        let error = try #require(try await refusal { try await test.hub.publish(draft, by: ada) })
        #expect(error.code == .blobsMissing)
        #expect(Set(error.details["missing"]?.split(separator: ",") ?? []) == Set([TestHub.digest("absent").description, TestHub.digest("absent too").description].map { Substring($0) }))
        #expect(try test.rows() == rows)
        await test.close()
    }

    @Test("a size that is not the blob's is refused")
    func wrongSize() async throws {
        let test = try await TestHub()
        try await test.send("four", by: test.admin)
        let rows = try test.rows()
        let draft = PublishDraft(
            repo: try test.repo("acme/whale"), files: [DraftFile(path: try FilePath(parsing: "a"), size: 5, digest: TestHub.digest("four"))])
        #expect(try await code { try await test.hub.publish(draft, by: test.admin) } == .sizeMismatch)
        #expect(try test.rows() == rows)
        await test.close()
    }

    @Test("a list of files that cannot be one folder is refused", arguments: [
        [String](), ["a", "a"], ["a", "a/b"], ["A", "a"], ["x/y", "X/z"], ["ä", "a\u{308}"],
    ])
    func lists(_ paths: [String]) async throws {
        let test = try await TestHub()
        try await test.send("x", by: test.admin)
        let draft = PublishDraft(
            repo: try test.repo("acme/whale"), files: try paths.map { DraftFile(path: try FilePath(parsing: $0), size: 1, digest: TestHub.digest("x")) })
        let code = try await code { try await test.hub.publish(draft, by: test.admin) }
        #expect(code == (paths.isEmpty ? .invalidRequest : .invalidPath))
        #expect(try test.rows().count("repo") == 0)
        await test.close()
    }

    @Test("bytes that are not what they were announced as are refused and leave nothing")
    func mismatch() async throws {
        let test = try await TestHub()
        let rows = try test.rows()
        #expect(
            try await code {
                try await test.hub.receive([(TestHub.digest("one"), .init(string: "one")), (TestHub.digest("two"), .init(string: "2"))], by: test.admin)
            } == .digestMismatch)
        #expect(try test.rows() == rows)
        #expect(try test.hub.blobs.size(of: TestHub.digest("one")) == nil)
        await test.close()
    }
}
