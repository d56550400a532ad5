import Core
import Foundation
import Hub
import TestKit
import Testing

@Suite("the same request again")
struct IdempotencyTests {
    @Test("the same key and request again get the same answer and do nothing", arguments: [true, false])
    func replay(_ isNew: Bool) async throws {
        let test = try await TestHub()
        let ada = try await test.user("ada")
        if !isNew { try await test.publish(PublishTests.model, to: "ada/whale", by: ada) }
        test.clock.turn(seconds: 60)
        let first = try await test.publish(PublishTests.model, to: "ada/whale", version: "1.0.0", by: ada) { $0.idempotencyKey = "key-1" }
        #expect(first.wasNew == isNew)
        test.clock.turn(seconds: 60)
        for content in ["other"] { try await test.send(content, by: ada) }
        let rows = try test.rows()
        for _ in 0..<2 {
            var draft = try test.draft(PublishTests.model, to: "ada/whale")
            (draft.version, draft.idempotencyKey) = (try .named("1.0.0"), "key-1")
            let again = try await test.hub.publish(draft, by: ada)
            #expect(again.named.revision == first.named.revision && again.wasNew == first.wasNew && again.version == first.version)
            draft.files = try test.draft(["a": "other"], to: "ada/whale").files
            #expect(try await code { try await test.hub.publish(draft, by: ada) } == .idempotencyConflict)
        }
        #expect(try test.rows() == rows)
        // A key is one person's own.
        let boss = try await test.publish(PublishTests.model, to: "ada/whale", by: test.admin) { $0.idempotencyKey = "key-1" }
        #expect(!boss.wasNew)
        await test.close()
    }

    @Test("the same request many times at the same moment is done once")
    func race() async throws {
        let test = try await TestHub()
        for content in PublishTests.model.values { try await test.send(content, by: test.admin) }
        var prepared = try test.draft(PublishTests.model, to: "acme/whale")
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
        try await test.publish(PublishTests.model, to: "acme/whale", by: bob) { ($0.idempotencyKey, $0.isPrivate) = ("k", true) }
        try await test.hub.setRole(nil, of: OwnerName(parsing: "bob"), in: OwnerName(parsing: "acme"), by: test.admin)
        var draft = try test.draft(PublishTests.model, to: "acme/whale")
        (draft.idempotencyKey, draft.isPrivate) = ("k", true)
        let again = draft
        #expect(try await code { try await test.hub.publish(again, by: bob) } == .notPermitted)
        await test.close()
    }
}
