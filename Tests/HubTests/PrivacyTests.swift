import Core
import Foundation
import Hub
import TestKit
import Testing

@Suite("private repos look as if they did not exist")
struct PrivacyTests {
    static func hub() async throws -> (test: TestHub, ada: Principal, eve: Principal) {
        let test = try await TestHub()
        let (ada, eve) = (try await test.user("ada"), try await test.user("eve", role: .admin))
        try await test.publish(["weights": "the secret weights", "README.md": "shared text"], to: "ada/secret", by: ada) { $0.isPrivate = true }
        return (test, ada, eve)
    }

    @Test("every question about it is answered as for a name that was never used")
    func absent() async throws {
        let (test, _, eve) = try await Self.hub()
        for who in [eve, .anonymous] {
            for useCase in AccessTests.useCases {
                let secret = try await refusal { try await useCase.run(test, test.repo("ada/secret"), who) }
                let never = try await refusal { try await useCase.run(test, test.repo("ada/never"), who) }
                #expect(secret?.code == never?.code, "\(useCase.name)")
                #expect(secret?.message.replacing("secret", with: "") == never?.message.replacing("never", with: ""), "\(useCase.name)")
                #expect(secret?.details == never?.details)
            }
            #expect(try test.hub.repos(.model, owner: nil, search: nil, before: nil, beforeID: .max, limit: 10, for: who).isEmpty)
            #expect(try test.hub.repos(.model, owner: nil, search: "secret", before: nil, beforeID: .max, limit: 10, for: who).isEmpty)
            #expect(try test.hub.owner(OwnerName(parsing: "ada"), for: who).repos == 0)
        }
        #expect(try await code { try await test.hub.moveRepo(test.repo("ada/secret"), to: test.repo("eve/mine"), by: eve) } == .unknownRepo)
        await test.close()
    }

    @Test("its content counts as missing for others, and cannot be published by its digest")
    func oracle() async throws {
        let (test, ada, eve) = try await Self.hub()
        let (known, unknown) = (TestHub.digest("the secret weights"), TestHub.digest("nobody has these"))
        let files = try test.draft(["a": "the secret weights", "b": "nobody has these"], to: "eve/guess").files
        let plan = try await test.hub.planPublish(files, to: test.repo("eve/guess"), by: eve)
        #expect(Set(plan.missing) == [known, unknown] && plan.present == 0)
        for who in [eve, .anonymous] {
            #expect(try await code { try test.hub.sizeOfReadable(known, for: who) } == .unknownBlob)
            #expect(try await code { try test.hub.sizeOfReadable(unknown, for: who) } == .unknownBlob)
        }
        let draft = try test.draft(["a": "the secret weights"], to: "eve/guess")
        // Announcing it took a lease; a lease is no proof of having the bytes.
        let error = try await refusal { try await test.hub.publish(draft, by: eve) }
        #expect(error?.code == .blobsMissing && error?.details["missing"] == known.description)
        #expect(try await code { try test.hub.repo(test.repo("eve/guess"), for: eve) } == .unknownRepo)

        // A wrong size tells nothing either.
        let wrong = PublishDraft(repo: draft.repo, files: [DraftFile(path: try FilePath(parsing: "a"), size: 1, digest: known)])
        #expect(try await code { try await test.hub.publish(wrong, by: eve) } == .blobsMissing)

        // Whoever has the bytes may publish them; that opens nobody else's repo.
        try await test.publish(["a": "the secret weights"], to: "eve/guess", by: eve)
        #expect(try test.hub.sizeOfReadable(known, for: .anonymous) == 18)
        #expect(try test.hub.sizeOfReadable(TestHub.digest("shared text"), for: ada) == 11)
        #expect(try await code { try test.hub.sizeOfReadable(TestHub.digest("shared text"), for: eve) } == .unknownBlob)
        await test.close()
    }

    @Test("an upload in parts of what others hold needs all its bytes")
    func uploads() async throws {
        let (test, _, eve) = try await Self.hub()
        let known = TestHub.digest("the secret weights")
        let upload = try await test.hub.beginUpload(known, size: 18, by: eve)
        #expect(upload.received == [])
        #expect(try await code { try await test.hub.completeUpload(upload.id, by: eve) } == .sizeMismatch)
        #expect(try await code { try test.hub.sizeOfReadable(known, for: eve) } == .unknownBlob)
        #expect(try await code { try await test.hub.upload(upload.id, by: test.admin) } == .unknownUpload)
        await test.close()
    }

    @Test("making a repo private closes its content, opening it opens it")
    func change() async throws {
        let (test, ada, eve) = try await Self.hub()
        let boss = try await test.user("ada", role: .admin)
        let secret = try test.repo("ada/secret")
        _ = try await test.hub.changeRepo(secret, isPrivate: false, description: nil, expected: .none, by: boss)
        #expect(try test.hub.sizeOfReadable(TestHub.digest("the secret weights"), for: .anonymous) == 18)
        #expect(try test.hub.locate(FilePath(parsing: "weights"), at: .main, of: secret, for: eve).entry.size == 18)
        _ = try await test.hub.changeRepo(secret, isPrivate: true, description: nil, expected: .none, by: boss)
        #expect(try await code { try test.hub.sizeOfReadable(TestHub.digest("the secret weights"), for: .anonymous) } == .unknownBlob)
        #expect(try await code { try test.hub.locate(FilePath(parsing: "weights"), at: .main, of: secret, for: eve) } == .unknownRepo)
        #expect(try test.hub.locate(FilePath(parsing: "weights"), at: .main, of: secret, for: ada).entry.size == 18)
        await test.close()
    }

    @Test("a base whose private children hold it does not name them to its admin")
    func children() async throws {
        let (test, ada, eve) = try await Self.hub()
        try await test.publish(["b": "base"], to: "eve/base", by: eve)
        try await test.hub.addLineage(LineageClaim(parsing: "eve/base"), to: .main, in: test.repo("ada/secret"), by: ada)
        #expect(try test.hub.lineage(of: .main, in: test.repo("eve/base"), .down, depth: 64, for: eve).steps.isEmpty)
        #expect(try test.hub.lineage(of: .main, in: test.repo("eve/base"), .down, depth: 64, for: ada).steps.count == 1)
        let error = try #require(try await refusal { try await test.hub.deleteRepo(test.repo("eve/base"), expected: .none, by: eve) })
        #expect(error.code == .protected)
        #expect(!"\(error) \(error.details)".contains("secret"))
        #expect(error.message.contains("1 revisions that you cannot see"))
        await test.close()
    }

    @Test("a private repo cannot be named as a base by those who may not read it")
    func base() async throws {
        let (test, _, eve) = try await Self.hub()
        try await test.publish(["b": "mine"], to: "eve/mine", by: eve)
        let rows = try test.rows()
        #expect(
            try await code { try await test.hub.addLineage(LineageClaim(parsing: "ada/secret"), to: .main, in: test.repo("eve/mine"), by: eve) }
                == .unknownRepo)
        #expect(
            try await code {
                try await test.publish(["b": "mine", "c": "mine"], to: "eve/mine", by: eve) { $0.bases = [try LineageClaim(parsing: "ada/secret")] }
            } == .unknownRepo)
        #expect(try test.rows().tablesDifferent(from: rows).isSubset(of: ["lease"]))
        await test.close()
    }
}
