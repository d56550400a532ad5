import Blobs
import Core
import Foundation
import Hub
import Release
import TestKit
import Testing

@Suite("orders of people")
struct ServingOrderTests {
    private func progressing(_ serving: Serving, _ strategy: Strategy = Serving.strategy()) async throws -> ReleaseFacts {
        try await serving.serve("1.0")
        let release = try #require(try await serving.apply("2.0", strategy: strategy, by: serving.test.user("ada", role: .admin)).release)
        try await serving.drive(release.id, to: .progressing)
        try await serving.deliver()
        return try serving.hub.release(release.id, for: serving.test.admin)
    }

    /// `ada` is admin of the repo through a role; the hub's own rows are made by hand.
    private func prepared() async throws -> Serving {
        let serving = try await Serving()
        let ada = try await serving.test.user("ada")
        try tamper(
            serving.test.root.layout.catalog,
            "INSERT INTO repo_role (repo, user, role) SELECT r.id, \(ada.user!.id), 'admin' FROM repo r WHERE r.folded = 'acme/whale'")
        return serving
    }

    @Test("of many who act on what they saw, exactly one wins; the others are told where it stands")
    func races() async throws {
        let serving = try await prepared()
        let release = try await progressing(serving)
        let results = await withTaskGroup(of: HubError?.self) { group in
            for index in 0..<8 {
                group.addTask {
                    do {
                        _ = try await serving.hub.order(
                            release.id, index % 2 == 0 ? .pause(reason: "a") : .abort(reason: "b"), expected: .exactly(release.generation),
                            by: serving.test.admin)
                        return nil
                    } catch let error as HubError {
                        return error
                    } catch {
                        return HubError(.internalError, "\(error)")
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(results.filter { $0 == nil }.count == 1)
        let now = try serving.hub.release(release.id, for: serving.test.admin)
        #expect(now.generation == release.generation + 1)
        for error in results.compactMap(\.self) {
            #expect(
                error.code == .preconditionFailed && error.details["phase"] == now.phase.rawValue && error.details["etag"] == "\"\(now.generation)\"")
        }
        #expect(try serving.hub.replay(release.id) == now.release)
        await serving.test.close()
    }

    @Test("an approval counts for the question that its giver saw, and not from the submitter where others must")
    func approvals() async throws {
        let serving = try await prepared()
        let strategy = Serving.strategy {
            $0.steps[0].approval = .init(role: "admin", quorum: 1)
            $0.approvesOthersOnly = true
        }
        let release = try await progressing(serving, strategy)
        let waiting = try await serving.drive(release.id, to: .paused)
        #expect(waiting.release.pauses == [.awaitingApproval])
        let rows = try serving.test.rows()
        func approve(_ generation: Int64?, lock: Digest? = nil, _ who: Principal) async throws -> HubError.Code? {
            try await code {
                try await serving.hub.order(release.id, .approve(generation: generation, lock: lock, comment: "ok"), expected: .none, by: who)
            }
        }
        let (ada, bob) = (try await serving.test.user("ada", role: .admin), try await serving.test.user("bob"))
        #expect(try await approve(waiting.generation - 1, serving.test.admin) == .orderRefused)
        #expect(try await approve(nil, lock: TestHub.digest("another"), serving.test.admin) == .orderRefused)
        #expect(try await approve(nil, ada) == .orderRefused, "she submitted it")
        #expect(try await approve(nil, bob) == .notPermitted)
        #expect(try serving.test.rows().tablesDifferent(from: rows).isSubset(of: ["user", "owner", "token", "event"]))
        #expect(try serving.hub.approvals(of: release.id, for: serving.test.admin).isEmpty)
        #expect(try await approve(waiting.generation, serving.test.admin) == nil)
        let approved = try serving.hub.release(release.id, for: serving.test.admin)
        #expect(approved.phase == .progressing && approved.release.step == 1)
        let kept = try serving.hub.approvals(of: release.id, for: serving.test.admin)
        #expect(kept.map(\.actor) == ["admin"] && kept[0].isApproval && kept[0].generation == waiting.generation && kept[0].step == 0)
        await serving.test.close()
    }

    @Test("a role of users' own making approves once it is granted; rejecting rolls back")
    func ownRole() async throws {
        let serving = try await prepared()
        let release = try await progressing(serving, Serving.strategy { $0.steps[0].approval = .init(role: "release-manager", quorum: 1) })
        try await serving.drive(release.id, to: .paused)
        let (ada, bob) = (try await serving.test.user("ada", role: .admin), try await serving.test.user("bob"))
        #expect(try await code { try await serving.hub.order(release.id, .reject(reason: "no"), expected: .none, by: ada) } == .notPermitted)
        try await serving.hub.setGrant(.init(user: "bob", permission: .role("release-manager")), of: Serving.name, by: ada)
        #expect(try serving.hub.grants(of: Serving.name, for: ada).map(\.description) == ["bob role:release-manager"])
        let rejected = try await serving.hub.order(release.id, .reject(reason: "slow"), expected: .none, by: bob)
        #expect(rejected.phase == .rollingBack && rejected.release.outcome?.code == "rejected")
        #expect(try serving.hub.approvals(of: release.id, for: bob).map(\.isApproval) == [false])
        await serving.test.close()
    }

    @Test("who may do what", arguments: [Role.reader, .writer, .admin])
    func permissions(_ role: Role) async throws {
        let serving = try await Serving()
        try await serving.serve("1.0")
        let user = try await serving.test.user("zoe", role: .admin)
        try tamper(
            serving.test.root.layout.catalog,
            "INSERT INTO repo_role (repo, user, role) SELECT r.id, \(user.user!.id), '\(role.rawValue)' FROM repo r WHERE r.folded = 'acme/whale'")
        #expect(try await code { try await serving.plan("2.0", by: user) } == (role >= .writer ? nil : .notPermitted))
        let release = try #require(try await serving.apply("2.0").release)
        try await serving.drive(release.id, to: .progressing)
        func order(_ order: OperatorOrder) async throws -> HubError.Code? {
            try await code { try await serving.hub.order(release.id, order, expected: .none, by: user) }
        }
        #expect(try await order(.pause(reason: "x")) == (role >= .writer ? nil : .notPermitted))
        #expect(try await order(.promote(reason: "now")) == (role >= .admin ? nil : .notPermitted))
        #expect(try await order(.abort(reason: "x")) == (role >= .writer ? nil : .notPermitted))
        #expect(
            try await code { try await serving.hub.deleteEndpoint(Serving.name, expected: .none, by: user) }
                == (role >= .admin ? .releaseActive : .notPermitted))
        let reader = try await serving.test.user("zoe", role: .reader)
        #expect(
            try await code { try await serving.hub.order(release.id, .abort(reason: "x"), expected: .none, by: reader) } == .notPermitted,
            "the token only reads")
        let secret = try serving.hub.backends(of: Serving.name, for: user)[0].spec.runtime.environment["SECRET"]
        #expect((secret == "hunter2") == (role >= .writer))
        await serving.test.close()
    }

    @Test("an endpoint of a private model does not exist for strangers")
    func hidden() async throws {
        let serving = try await Serving()
        let eve = try await serving.test.user("eve")
        try await serving.serve("1.0")
        _ = try await serving.hub.changeRepo(
            serving.test.repo("acme/whale"), isPrivate: true, description: nil, expected: .none, by: serving.test.admin)
        #expect(try await code { try serving.hub.endpoint(Serving.name, for: eve) } == .unknownServing)
        #expect(try await code { try serving.hub.why(Serving.name, at: nil, for: .anonymous) } == .unknownServing)
        #expect(try await code { try serving.hub.release(.init(endpoint: Serving.name, number: 1), for: eve) } == .unknownRelease)
        #expect(
            try serving.hub.endpoints(after: nil, limit: 10, for: eve).isEmpty
                && serving.hub.endpoints(after: nil, limit: 10, for: serving.test.admin).count == 1)
        #expect(try serving.hub.releases(of: nil, phase: nil, before: .max, limit: 10, for: eve).isEmpty)
        #expect(try serving.hub.backends(of: nil, for: eve).isEmpty)
        await serving.test.close()
    }
}

extension EndpointGrant {
    fileprivate var description: String { "\(user) \(permission)" }
}
