import Core
import Foundation
import Hub
import Release
import TestKit
import Testing

@Suite("plans and applying them")
struct ServingPlanTests {
    @Test("the same draft over the same state gives the same plan and lock, byte by byte")
    func identical() async throws {
        let serving = try await Serving()
        try await serving.serve("1.0")
        let plan = try await serving.plan("2.0")
        let rows = try serving.test.rows()
        serving.test.clock.turn(seconds: 60)
        var again = try await serving.plan("2.0")
        again.expires = plan.expires
        #expect(again == plan)
        #expect(try serving.test.rows().tablesDifferent(from: rows) == ["plan"])
        #expect(TestHub.digest(plan.lockText) == plan.lock)
        #expect(plan.lockText.hasPrefix("{\"asked\":\"2.0\",\"backend\":") && !plan.lockText.contains("hunter2"))
        #expect(plan.kind == .release && plan.from?.model.version == "1.0" && plan.to.model.version == "2.0")
        #expect(plan.changes.contains { $0.field == "model.version" && $0.before == "1.0" && $0.after == "2.0" })
        #expect(!plan.changes.contains { $0.field.hasPrefix("runtime.") || $0.field.hasPrefix("limits.") })
        #expect(try serving.hub.plan(plan.hash, for: serving.test.admin).hash == plan.hash)
        #expect(try await serving.plan("1.0").kind == .nothing)
        #expect(try await serving.plan("3.0").hash != plan.hash)
        await serving.test.close()
    }

    @Test("a name is resolved once: moving it later is drift, and changes nothing by itself")
    func drift() async throws {
        let serving = try await Serving()
        let repo = try serving.test.repo("acme/whale")
        _ = try await serving.hub.setRef(.named("champion"), .alias, to: .at("1.0"), in: repo, expected: .none, by: serving.test.admin)
        try await serving.serve("champion")
        #expect(try serving.endpoint().drift == nil && serving.endpoint().stable?.model.version == "1.0")
        let applied = try #require(try serving.endpoint().stable?.model.commit)
        _ = try await serving.hub.setRef(.named("champion"), .alias, to: .at("2.0"), in: repo, expected: .none, by: serving.test.admin)
        let drift = try serving.endpoint().drift
        #expect(drift?.asked == "champion" && drift?.applied == applied && drift?.now != applied)
        #expect(try serving.endpoint().stable?.model.version == "1.0" && serving.hub.activeReleases().isEmpty)
        await serving.test.close()
    }

    @Test("a plan is refused once anything it was based on has changed")
    func stale() async throws {
        let serving = try await Serving()
        let first = try await serving.plan("1.0")
        try await serving.serve("2.0")
        func apply(_ plan: PlanFacts) async throws -> HubError? {
            try await refusal { try await serving.hub.applyPlan(plan.hash, idempotencyKey: nil, by: serving.test.admin) }
        }
        #expect(try await apply(first)?.code == .preconditionFailed)
        let second = try await serving.plan("3.0")
        try await serving.apply("2.0") { $0.endpoint.limits.queueSize = 7 }
        #expect(try await apply(second)?.code == .preconditionFailed)
        let third = try await serving.plan("3.0")
        try await serving.hub.withdrawVersion(.named("3.0"), reason: "leaks", in: serving.test.repo("acme/whale"), by: serving.test.admin)
        let rows = try serving.test.rows()
        #expect(try await apply(third)?.code == .preconditionFailed)
        #expect(try serving.test.rows() == rows)
        #expect(try await code { try await serving.plan("3.0") } == .protected)
        let fourth = try await serving.plan("1.0")
        serving.test.clock.turn(seconds: Hub.planSeconds)
        #expect(try await apply(fourth)?.code == .unknownPlan)
        await serving.test.close()
    }

    @Test("a lost answer is found again under its key; the key means one plan")
    func idempotency() async throws {
        let serving = try await Serving()
        let plan = try await serving.plan("1.0")
        let made = try await serving.hub.applyPlan(plan.hash, idempotencyKey: "k", by: serving.test.admin)
        let rows = try serving.test.rows()
        let again = try await serving.hub.applyPlan(plan.hash, idempotencyKey: "k", by: serving.test.admin)
        #expect(made.wasMade && !again.wasMade && again.release?.id == made.release?.id)
        #expect(try serving.test.rows() == rows)
        try await serving.drive(try #require(made.release).id)
        let other = try await serving.plan("2.0")
        #expect(try await code { try await serving.hub.applyPlan(other.hash, idempotencyKey: "k", by: serving.test.admin) } == .idempotencyConflict)
        await serving.test.close()
    }

    @Test("what cannot be honoured is refused before anything is looked up")
    func refusals() async throws {
        let serving = try await Serving()
        func code(_ adjust: @Sendable (inout ServingDraft) -> Void) async throws -> HubError.Code? {
            try await TestKit.code { try await serving.hub.plan(serving.draft("1.0", adjust), by: serving.test.admin) }
        }
        #expect(try await code { $0.strategy.steps = [] } == .invalidRequest)
        #expect(try await code { $0.strategy.steps = [.init(weight: 500), .init(weight: 100)] } == .invalidRequest)
        #expect(try await code { $0.strategy.risk.hardLimit = 0.5 } == .invalidRequest)
        #expect(try await code { $0.runtime.kind = .process(command: ["serve"]) } == .invalidRequest)
        #expect(try await code { $0.runtime.kind = .external(urls: ["https://x"]) } == .invalidRequest)
        #expect(try await code { $0.strategy.hasControl = true } == .invalidRequest)
        #expect(try await code { $0.endpoint.objectives = [] } == .invalidRequest)
        #expect(try await code { $0.strategy.notify = [.init(webhook: "ops")] } == .unknownWebhook)
        #expect(try await code { $0.digest = TestHub.digest("other") } == .digestMismatch)
        #expect(try await code { $0.strategy.prepare.golden = TestHub.digest("none") } == .unknownBlob)
        let weak = TrafficCapabilities(weightStep: 100, mirrors: false, comparesAnswers: false, isSticky: false, countsRequests: true)
        let refused = try await refusal {
            try await serving.hub.plan(
                serving.draft("1.0") { $0.strategy.steps = [.init(weight: 150, shadow: 1000)] }, capabilities: weak, by: serving.test.admin)
        }
        #expect(refused?.code == .notCapable && refused?.message.contains("shadow traffic") == true)
        await serving.test.close()
    }

    @Test("golden checks are read from their file when the release is planned")
    func golden() async throws {
        let serving = try await Serving()
        let lines = """
            {"path": "/v1/embeddings", "body": {"input": "a"}, "expectLength": {"/data/0/embedding": 384}}
            {"path": "/health", "method": "GET", "expectContains": ["ok"]}
            """
        let digest = try await serving.test.send(lines, by: serving.test.admin)
        let applied = try await serving.apply("1.0", strategy: Serving.strategy { $0.prepare.golden = digest })
        let checks = try #require(applied.release).release.spec.strategy.prepare.checks
        #expect(
            checks.map(\.method) == ["POST", "GET"] && checks[0].body == "{\"input\":\"a\"}" && checks[0].expectLength == ["/data/0/embedding": 384])
        await serving.test.close()
    }

    @Test("the memory of both versions and of other endpoints is added up")
    func memory() async throws {
        let serving = try await Serving()
        serving.hub.setServingMachine(ServingMachine(memory: 250))
        try await serving.serve("1.0")
        let other = EndpointName.named("other")
        let plan = try await serving.hub.plan(serving.draft("1.0", endpoint: other) { $0.endpoint.publicNames = [] }, by: serving.test.admin)
        #expect(plan.memory == MemoryPlan(stable: 0, candidate: 100, others: 100, peak: 200, available: 250, fits: true))
        let release = try #require(try await serving.hub.applyPlan(plan.hash, idempotencyKey: nil, by: serving.test.admin).release)
        try await serving.drive(release.id)
        let next = try await serving.plan("2.0")
        #expect(next.memory.peak == 300 && !next.memory.fits && next.warnings.contains { $0.contains("recreate") })
        let recreate = try await serving.plan("2.0", strategy: Serving.strategy { $0.kind = .recreate })
        #expect(recreate.memory.peak == 200 && recreate.memory.fits && recreate.expectedGap != nil)
        await serving.test.close()
    }
}
