import Blobs
import Core
import Foundation
import Hub
import NIOCore
import TestKit
import Testing

@Suite("publishing is refused whole")
struct PublishRefusalTests {
    @Test("a version that exists is refused and nothing else of the publish stays")
    func versionExists() async throws {
        let test = try await TestHub()
        try await test.publish(PublishTests.model, to: "acme/whale", version: "1.0.0")
        let other = PublishTests.model.merging(["new": "new"]) { $1 }
        for content in other.values { try await test.send(content, by: test.admin) }
        let rows = try test.rows()
        let error = try await refusal { try await test.publish(other, to: "acme/whale", version: "1.0.0") }
        #expect(error?.code == .versionExists)
        #expect(error?.message.contains("acme/whale already has a version 1.0.0") == true)
        #expect(try test.rows() == rows)
        #expect(try await test.files(of: "acme/whale") == PublishTests.model)
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
        #expect(
            Set(error.details["missing"]?.split(separator: ",") ?? [])
                == Set([TestHub.digest("absent").description, TestHub.digest("absent too").description].map { Substring($0) }))
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

    @Test(
        "a list of files that cannot be one folder is refused",
        arguments: [
            [String](), ["a", "a"], ["a", "a/b"], ["A", "a"], ["x/y", "X/z"], ["ä", "a\u{308}"]
        ])
    func lists(_ paths: [String]) async throws {
        let test = try await TestHub()
        try await test.send("x", by: test.admin)
        let draft = PublishDraft(
            repo: try test.repo("acme/whale"),
            files: try paths.map { DraftFile(path: try FilePath(parsing: $0), size: 1, digest: TestHub.digest("x")) })
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
                try await test.hub.receive(
                    [(TestHub.digest("one"), .init(string: "one")), (TestHub.digest("two"), .init(string: "2"))], by: test.admin)
            } == .digestMismatch)
        #expect(try test.rows() == rows)
        #expect(try test.hub.blobs.size(of: TestHub.digest("one")) == nil)
        await test.close()
    }
}
