import Blobs
import Core
import Foundation
import Hub
import Release
import TestKit
import Testing

@Suite("what a rollback needs is never collected")
struct ServingProtectionTests {
    private func collect(_ serving: Serving) async throws {
        serving.test.clock.turn(days: 3)
        _ = try await serving.test.collect()
        serving.test.clock.turn(days: 3)
        _ = try await serving.test.collect()
    }

    private func isThere(_ version: String, _ serving: Serving) throws -> Bool {
        try serving.hub.blobs.size(of: TestHub.digest("weights \(version)")) != nil
    }

    @Test("collected between every two steps, a release keeps stable and candidate; the oldest go when one succeeds")
    func roots() async throws {
        let serving = try await Serving()
        let keep = { (draft: inout ServingDraft) in draft.endpoint.keepReleases = 1 }
        let first = try #require(try await serving.apply("1.0", keep).release)
        try await serving.forgetNames("1.0")
        try await collect(serving)
        try await serving.drive(first.id)
        for (version, before) in [("2.0", ["1.0"]), ("3.0", ["1.0", "2.0"])] {
            let release = try #require(try await serving.apply(version, keep).release)
            try await serving.forgetNames(version)
            for phase in [Release.Phase.preparing, .progressing, .baking, .completing] {
                try await collect(serving)
                #expect(try (before + [version]).allSatisfy { try isThere($0, serving) }, "before \(phase.rawValue)")
                try await serving.drive(release.id, to: phase)
            }
            try await collect(serving)
            #expect(try (before + [version]).allSatisfy { try isThere($0, serving) }, "its release is not over")
            try await serving.drive(release.id)
            try await collect(serving)
        }
        #expect(try serving.locks() == 2 && isThere("3.0", serving) && isThere("2.0", serving) && !isThere("1.0", serving))
        let target = ReleaseID(endpoint: Serving.name, number: 1)
        let refused = try await refusal { try await serving.hub.rollback(Serving.name, to: target, reason: "", by: serving.test.admin) }
        #expect(refused?.code == .unknownRevision)
        // What serves is all there, and so is what can be gone back to.
        #expect(try serving.hub.wantedBackends().map(\.files.count) == [2])
        let outcome = try await serving.test.verify()
        #expect(outcome.missing.isEmpty && outcome.problems.isEmpty)
        let back = try await serving.hub.rollback(Serving.name, to: nil, reason: "", by: serving.test.admin)
        try await serving.drive(back.id)
        #expect(try serving.endpoint().stable?.model.version == "2.0")
        await serving.test.close()
    }

    @Test("kept releases can be gone back to after any collection; canceled ones are given up")
    func kept() async throws {
        let serving = try await Serving()
        try await serving.serve("1.0")
        try await serving.serve("2.0")
        let canceled = try #require(try await serving.apply("3.0").release)
        _ = try await serving.hub.order(canceled.id, .abort(reason: "no"), expected: .none, by: serving.test.admin)
        try await serving.forgetNames("1.0", "2.0", "3.0")
        try await collect(serving)
        #expect(try isThere("1.0", serving) && isThere("2.0", serving) && !isThere("3.0", serving))
        let back = try await serving.hub.rollback(Serving.name, to: nil, reason: "", by: serving.test.admin)
        try await serving.drive(back.id)
        #expect(try serving.endpoint().stable?.model.version == "1.0")
        await serving.test.close()
    }

    @Test("a lock that a person registered too stays when the releases are done; one in use cannot be released")
    func people() async throws {
        let serving = try await Serving()
        let plan = try await serving.plan("1.0")
        let revision = try serving.hub.revision(.at("1.0"), of: serving.test.repo("acme/whale"), for: serving.test.admin).revision
        let release = try #require(try await serving.hub.applyPlan(plan.hash, idempotencyKey: nil, by: serving.test.admin).release)
        _ = try await serving.hub.registerLock(
            Array(plan.lockText.utf8), name: "mine",
            pins: [PinnedRevision(repo: revision.repo, commit: revision.commit, manifest: revision.manifest)],
            by: serving.test.admin)
        let refused = try await refusal { try await serving.hub.releaseLock(plan.lock, by: serving.test.admin) }
        #expect(refused?.code == .protected && refused?.details["holders"] == "chat-1")
        _ = try await serving.hub.order(release.id, .abort(reason: "no"), expected: .none, by: serving.test.admin)
        #expect(try serving.locks() == 1, "it is a person's too")
        try await serving.hub.releaseLock(plan.lock, by: serving.test.admin)
        #expect(try serving.locks() == 0)
        await serving.test.close()
    }

    @Test("without every byte in the store nothing begins, and what is missing is named")
    func missing() async throws {
        let serving = try await Serving()
        let plan = try await serving.plan("1.0")
        let lost = TestHub.digest("weights 1.0")
        #expect(try await serving.hub.blobs.quarantine(lost))
        let rows = try serving.test.rows()
        let refused = try await refusal { try await serving.hub.applyPlan(plan.hash, idempotencyKey: nil, by: serving.test.admin) }
        #expect(refused?.code == .blobsMissing && refused?.details["blobs.missing"] == lost.description)
        #expect(try serving.test.rows() == rows)
        await serving.test.close()
    }

    @Test("a repo that serves cannot be deleted; its endpoint's history outlives it")
    func repo() async throws {
        let serving = try await Serving()
        try await serving.serve("1.0")
        let repo = try serving.test.repo("acme/whale")
        #expect(try await code { try await serving.hub.deleteRepo(repo, expected: .none, by: serving.test.admin) } == .protected)
        try await serving.hub.deleteEndpoint(Serving.name, expected: .none, by: serving.test.admin)
        try await serving.hub.deleteRepo(repo, expected: .none, by: serving.test.admin)
        try await collect(serving)
        #expect(try serving.hub.history(of: Serving.name, before: .max, limit: 10, for: serving.test.admin).map(\.to.model.version) == ["1.0"])
        #expect(try await serving.test.verify().isWhole)
        await serving.test.close()
    }
}
