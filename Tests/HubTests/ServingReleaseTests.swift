import Core
import Foundation
import Hub
import Release
import TestKit
import Testing

@Suite("endpoints and their releases")
struct ServingReleaseTests {
    @Test("the first release of an endpoint serves everything, and stable is it")
    func first() async throws {
        let serving = try await Serving()
        let applied = try await serving.apply("1.0")
        #expect(applied.wasMade && applied.release?.id.description == "chat-1" && applied.release?.phase == .pending)
        #expect(applied.endpoint.stable == nil && applied.endpoint.pending == [applied.release?.id])
        let facts = try await serving.drive(ReleaseID(endpoint: Serving.name, number: 1))
        #expect(facts.isProtected && facts.ended != nil)
        let endpoint = try serving.endpoint()
        #expect(endpoint.stable?.model.version == "1.0" && endpoint.stableSince == facts.id && endpoint.active == nil)
        #expect(try serving.weights() == [.stable: 10_000])
        #expect(try serving.hub.replay(facts.id) == facts.release)
        #expect(try await serving.test.verify().isWhole)
        await serving.test.close()
    }

    @Test("a canary walks through its steps, and stable moves once, in the transaction that completes it")
    func canary() async throws {
        let serving = try await Serving()
        try await serving.serve("1.0")
        let count = try serving.test.events().count
        let release = try #require(try await serving.apply("2.0").release)
        try await serving.drive(release.id, to: .progressing)
        try await serving.deliver()
        #expect(try serving.weights() == [.stable: 9000, .candidate: 1000])
        #expect(try serving.endpoint().active == release.id)
        try await serving.drive(release.id, to: .baking)
        #expect(try serving.weights() == [.stable: 500, .candidate: 9500])
        #expect(try serving.endpoint().stable?.model.version == "1.0")
        try await serving.deliver()
        _ = try await serving.hub.advance(release.id, .tick(Serving.good))
        #expect(try serving.hub.release(release.id, for: serving.test.admin).phase == .completing)
        #expect(try serving.endpoint().stable?.model.version == "2.0")
        try await serving.drive(release.id)
        let actions = try serving.test.actions(since: count)
        #expect(actions.filter { $0 == "endpoint.moved" }.count == 1)
        #expect(actions.contains("release.submitted") && actions.contains("release.preparing") && actions.contains("release.succeeded"))
        let routes = try serving.hub.routes(of: Serving.name, before: .max, limit: 100, for: serving.test.admin).map(\.route)
        #expect(routes.map(\.generation) == (1...Int64(routes.count)).reversed())
        #expect(routes.allSatisfy { $0.targets.reduce(0) { $0 + $1.weight } == 10_000 })
        #expect(try serving.hub.replay(release.id) == serving.hub.release(release.id, for: serving.test.admin).release)
        await serving.test.close()
    }

    @Test("shown harm takes every weight away, and stable never moved")
    func harm() async throws {
        let serving = try await Serving()
        try await serving.serve("1.0")
        let release = try #require(try await serving.apply("2.0").release)
        try await serving.drive(release.id, to: .progressing)
        try await serving.deliver()
        let generation = try serving.endpoint().generation
        let advance = try await serving.hub.advance(
            release.id, .tick(Serving.harm), decision: DecisionDraft(rule: "6.3", verdict: "fail", reason: "errors: harm", inputs: "S=4.7"))
        #expect(advance.isChanged && advance.facts.phase == .rollingBack)
        #expect(try serving.weights()[.candidate] == nil)
        let ended = try await serving.drive(release.id, to: .rolledBack)
        #expect(ended.release.outcome?.code == "analysis-failed")
        #expect(try serving.endpoint().generation == generation && serving.endpoint().stable?.model.version == "1.0")
        let decisions = try serving.hub.decisions(of: release.id, after: 0, limit: 100, for: serving.test.admin)
        #expect(decisions.last { $0.draft.verdict == "fail" }?.inputsDigest == TestHub.digest("S=4.7"))
        #expect(try !serving.hub.release(release.id, for: serving.test.admin).isProtected)
        await serving.test.close()
    }

    @Test("a tick that changes nothing is not stored; a route that was replaced since tells nothing")
    func silence() async throws {
        let serving = try await Serving()
        try await serving.serve("1.0")
        let release = try #require(try await serving.apply("2.0").release)
        try await serving.drive(release.id, to: .progressing)
        try await serving.deliver()
        let rows = try serving.test.rows()
        let advance = try await serving.hub.advance(release.id, .tick(Tick()), decision: DecisionDraft(rule: "", verdict: "", reason: "", inputs: ""))
        #expect(!advance.isChanged && advance.commands.isEmpty)
        let old = try await serving.hub.advance(release.id, .routeApplied(generation: 1))
        #expect(!old.isChanged)
        #expect(try serving.test.rows() == rows)
        await serving.test.close()
    }

    @Test("two releases of one endpoint are never under way together: reject, queue and supersede")
    func together() async throws {
        let serving = try await Serving()
        try await serving.serve("1.0")
        let first = try #require(try await serving.apply("2.0").release)
        try await serving.drive(first.id, to: .progressing)
        let refused = try await refusal { try await serving.apply("3.0") }
        #expect(refused?.code == .releaseActive && refused?.details["release"] == "chat-2")

        let queued = try #require(try await serving.apply("3.0", strategy: Serving.strategy { $0.whileActive = .queue }).release)
        #expect(try serving.endpoint().pending == [queued.id])
        let rows = try serving.test.rows()
        #expect(try await code { try await serving.hub.advance(queued.id, .tick(Serving.good)) } == .releaseActive)
        #expect(try serving.test.rows() == rows)

        try await serving.drive(first.id)
        // It starts from what serves now, not from what served when it was submitted.
        let begun = try await serving.drive(queued.id, to: .preparing)
        #expect(begun.from?.model.version == "2.0")
        #expect(try serving.hub.replay(queued.id) == begun.release)

        let newest = try #require(try await serving.apply("1.0", strategy: Serving.strategy { $0.whileActive = .supersede }).release)
        let old = try serving.hub.release(queued.id, for: serving.test.admin)
        #expect(old.phase == .superseded && old.release.outcome?.code == "superseded")
        try await serving.drive(newest.id)
        #expect(try serving.endpoint().stable?.model.version == "1.0")
        #expect(try await serving.test.verify().isWhole)
        await serving.test.close()
    }

    @Test("a queued release of what became stable meanwhile is canceled, and stable stays up")
    func queuedTwin() async throws {
        let serving = try await Serving()
        try await serving.serve("1.0")
        let first = try #require(try await serving.apply("2.0").release)
        try await serving.drive(first.id, to: .progressing)
        let twin = try #require(try await serving.apply("2.0", strategy: Serving.strategy { $0.whileActive = .queue }).release)
        try await serving.drive(first.id)
        try await serving.drive(twin.id, to: .canceled)
        #expect(try serving.hub.outbox(limit: 10).isEmpty)
        #expect(try serving.hub.wantedBackends().map(\.backend) == [first.to.id])
        await serving.test.close()
    }

    @Test("settings take effect at once and without a release; those of a release when it begins")
    func settings() async throws {
        let serving = try await Serving()
        try await serving.serve("1.0")
        let generation = try serving.endpoint().generation
        let applied = try await serving.apply("1.0") { $0.endpoint.limits.queueSize = 7 }
        #expect(applied.release == nil && applied.wasMade && applied.endpoint.generation == generation + 1)
        let route = try serving.hub.route(of: Serving.name, for: serving.test.admin)
        #expect(route.route.limits.queueSize == 7 && route.cause == "settings")
        #expect(try serving.hub.outbox(limit: 10).map(\.release) == [nil])
        try await serving.deliver()

        let release = try #require(try await serving.apply("2.0") { $0.endpoint.limits.queueSize = 8 }.release)
        #expect(try serving.endpoint().spec.limits.queueSize == 7)
        try await serving.drive(release.id, to: .preparing)
        #expect(try serving.endpoint().spec.limits.queueSize == 8)
        #expect(try serving.hub.route(of: Serving.name, for: serving.test.admin).route.limits.queueSize == 8)
        #expect(try await code { try await serving.apply("1.0") { $0.endpoint.limits.queueSize = 9 } } == .releaseActive)
        await serving.test.close()
    }

    @Test("names that requests use belong to one endpoint")
    func names() async throws {
        let serving = try await Serving()
        try await serving.serve("1.0")
        let refused = try await refusal {
            try await serving.apply("1.0") { $0.endpoint = EndpointSpec(name: .named("other"), publicNames: ["chat"]) }
        }
        #expect(refused?.code == .endpointExists)
        // What is given up can be taken.
        try await serving.apply("1.0") { $0.endpoint.publicNames = [] }
        _ = try await serving.apply("1.0") { $0.endpoint = EndpointSpec(name: .named("other"), publicNames: ["chat-large"]) }
        await serving.test.close()
    }

    @Test("the alias follows stable")
    func alias() async throws {
        let serving = try await Serving()
        let strategy = Serving.strategy { $0.alias = "champion" }
        try await serving.serve("1.0", strategy: strategy)
        func champion() throws -> GitID? {
            try serving.hub.refs(of: serving.test.repo("acme/whale"), for: serving.test.admin).first { $0.name.text == "champion" }?.commit
        }
        #expect(try champion() == serving.endpoint().stable?.model.commit)
        try await serving.serve("2.0", strategy: strategy)
        #expect(try champion() == serving.endpoint().stable?.model.commit)
        #expect(try await code { try await serving.plan("3.0", strategy: Serving.strategy { $0.alias = "of-1.0" }) } == .refExists)
        await serving.test.close()
    }

    @Test("back to what succeeded before, with the old lock; a retry is a release of its own")
    func back() async throws {
        let serving = try await Serving()
        let first = try await serving.serve("1.0")
        try await serving.serve("2.0")
        #expect(
            try await code {
                try await serving.hub.rollback(Serving.name, to: .init(endpoint: Serving.name, number: 9), reason: "", by: serving.test.admin)
            } == .unknownRelease)
        let back = try await serving.hub.rollback(Serving.name, to: nil, reason: "bad answers", by: serving.test.admin)
        #expect(back.release.spec.kind == .rollback && back.release.spec.lock == first.release.spec.lock && back.to.id == first.to.id)
        #expect(back.retryOf == first.id && back.reason == "bad answers")
        try await serving.drive(back.id)
        #expect(try serving.endpoint().stable?.model.version == "1.0")

        let failed = try #require(try await serving.apply("3.0").release)
        try await serving.drive(failed.id, to: .preparing)
        _ = try await serving.hub.advance(failed.id, .startFailed("no port"))
        let again = try await serving.hub.retry(failed.id, idempotencyKey: "again", by: serving.test.admin)
        #expect(again.release.spec.lock == failed.release.spec.lock && again.retryOf == failed.id && again.id != failed.id)
        #expect(try await serving.hub.retry(failed.id, idempotencyKey: "again", by: serving.test.admin).id == again.id)
        try await serving.drive(again.id)
        #expect(try serving.endpoint().stable?.model.version == "3.0")
        await serving.test.close()
    }

    @Test("a rollback to a version that still runs goes live in the transaction that submits it")
    func warm() async throws {
        let serving = try await Serving()
        try await serving.serve("1.0")
        let second = try await serving.serve("2.0", strategy: Serving.strategy { $0.keepsPrevious = true })
        #expect(try serving.hub.wantedBackends().map(\.spec.model.version) == ["2.0", "1.0"])
        serving.hub.noteWarm(Set([second.from?.id, second.to.id].compactMap(\.self)))
        let back = try await serving.hub.rollback(Serving.name, to: nil, reason: "quick", by: serving.test.admin)
        #expect(back.phase == .baking)
        #expect(try serving.weights()[.candidate] == 10_000)
        let items = try serving.hub.outbox(limit: 10)
        #expect(!items.contains { if case .prepare = $0.work { true } else { false } })
        #expect(!items.contains { if case .stop = $0.work { true } else { false } })
        try await serving.drive(back.id)
        await serving.test.close()
    }

    @Test("deleting drains, gives up what was protected, and keeps the history; the name stays with it")
    func delete() async throws {
        let serving = try await Serving()
        try await serving.serve("1.0")
        let release = try #require(try await serving.apply("2.0").release)
        #expect(try await code { try await serving.hub.deleteEndpoint(Serving.name, expected: .none, by: serving.test.admin) } == .releaseActive)
        _ = try await serving.hub.order(release.id, .abort(reason: "no"), expected: .none, by: serving.test.admin)
        let generation = try serving.endpoint().generation
        #expect(
            try await code { try await serving.hub.deleteEndpoint(Serving.name, expected: .exactly(generation - 1), by: serving.test.admin) }
                == .preconditionFailed)
        let before = serving.test.clock.now
        serving.test.clock.turn(seconds: 60)
        try await serving.hub.deleteEndpoint(Serving.name, expected: .exactly(generation), by: serving.test.admin)
        #expect(try await code { try serving.endpoint() } == .unknownServing)
        #expect(try serving.locks() == 0 && serving.hub.currentRoutes().isEmpty && serving.hub.wantedBackends().isEmpty)
        let work = try serving.hub.outbox(limit: 10).map(\.work)
        #expect(work.contains(.remove(Serving.name)))
        try await serving.deliver()
        #expect(try serving.hub.why(Serving.name, at: before, for: serving.test.admin).served.first?.backend.model.version == "1.0")
        #expect(try serving.hub.why(Serving.name, at: nil, for: serving.test.admin).served.isEmpty)

        let stranger = try await serving.test.user("eve")
        try await serving.test.publish(["a": "1"], to: "eve/own", version: "1", by: stranger)
        let own = try serving.test.repo("eve/own")
        let taken = try await code {
            try await serving.hub.plan(serving.draft("1") { $0.repo = own }, by: stranger)
        }
        #expect(taken == .notPermitted || taken == .endpointExists)
        let again = try #require(try await serving.apply("3.0").release)
        #expect(again.id.number == 3 && again.from == nil)
        try await serving.drive(again.id)
        #expect(try serving.endpoint().stable?.model.version == "3.0")
        await serving.test.close()
    }
}
