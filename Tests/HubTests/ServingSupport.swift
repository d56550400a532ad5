import Core
import Foundation
import Hub
import Release
import TestKit
import Testing

/// A hub with a model of three versions, and somebody who carries its releases forward.
struct Serving {
    let test: TestHub
    var hub: Hub { test.hub }
    static let name = EndpointName.named("chat")

    init(_ test: TestHub? = nil, probe: Probe = Probe()) async throws {
        if let test {
            self.test = test
        } else {
            self.test = try await TestHub(probe: probe)
        }
        _ = try await self.test.hub.takeControl(owner: "test")
        if test == nil { for version in ["1.0", "2.0", "3.0"] { try await publish(version) } }
    }

    func publish(_ version: String) async throws {
        test.clock.turn(seconds: 1)
        // A branch of its own: no version is another's ancestor.
        try await test.publish(["model.bin": "weights \(version)", "config.json": "{}"], to: "acme/whale", version: version) {
            $0.branch = try RefName(parsing: "of-\(version)")
        }
    }

    /// Takes away every name of these versions, so that only locks protect them.
    func forgetNames(_ versions: String...) async throws {
        let repo = try test.repo("acme/whale")
        for version in versions {
            try await hub.deleteRef(.named(version), .version, in: repo, expected: .none, by: test.admin)
            try await hub.deleteRef(.named("of-\(version)"), .branch, in: repo, expected: .none, by: test.admin)
        }
    }

    static func strategy(_ adjust: (inout Strategy) -> Void = { _ in }) -> Strategy {
        var strategy = Strategy(steps: [.init(weight: 1000, minObserved: 1000), .init(weight: 5000, minObserved: 1000)], bake: .init(duration: 1000))
        adjust(&strategy)
        return strategy
    }

    func draft(
        _ version: String, endpoint: EndpointName = name, strategy: Strategy = strategy(), _ adjust: (inout ServingDraft) -> Void = { _ in }
    ) throws -> ServingDraft {
        var draft = ServingDraft(
            endpoint: EndpointSpec(name: endpoint, publicNames: ["\(endpoint)-large"]), repo: try test.repo("acme/whale"),
            revision: try RevisionSpec(parsing: version),
            runtime: RuntimeSpec(kind: .process(command: ["serve", "--port", "${port}"]), environment: ["SECRET": "hunter2"], memory: 100),
            strategy: strategy, manifest: TestHub.digest("manifest \(version)"))
        adjust(&draft)
        return draft
    }

    func plan(_ version: String, strategy: Strategy = strategy(), by who: Principal? = nil) async throws -> PlanFacts {
        try await hub.plan(draft(version, strategy: strategy), by: who ?? test.admin)
    }

    @discardableResult
    func apply(
        _ version: String, strategy: Strategy = strategy(), by who: Principal? = nil, _ adjust: (inout ServingDraft) -> Void = { _ in }
    ) async throws -> Applied {
        let plan = try await hub.plan(draft(version, strategy: strategy, adjust), by: who ?? test.admin)
        return try await hub.applyPlan(plan.hash, idempotencyKey: nil, by: who ?? test.admin)
    }

    /// Applies it and carries it to its end.
    @discardableResult
    func serve(_ version: String, strategy: Strategy = strategy()) async throws -> ReleaseFacts {
        let applied = try await apply(version, strategy: strategy)
        return try await drive(try #require(applied.release).id)
    }

    /// A tick with which every step is due and passes.
    static let good: Tick = {
        var finding = Finding()
        finding.verdict = .pass
        finding.isGateOpen = true
        return Tick(stepObserved: 1_000_000, totalObserved: 1_000_000, bakeObserved: 10_000_000, clearedFor: 1_000_000, finding: finding)
    }()

    static let harm: Tick = {
        var finding = Finding()
        finding.verdict = .fail
        finding.culprit = "errors"
        finding.explanation = "errors: harm"
        return Tick(stepObserved: 1000, totalObserved: 1000, finding: finding)
    }()

    /// Does what the outbox asks, as if all went well; stops where `isDone` says so.
    func deliver(until isDone: () throws -> Bool = { false }) async throws {
        while true {
            let items = try hub.outbox(limit: 10)
            if items.isEmpty { return }
            for item in items {
                for event in try events(after: item) {
                    guard let release = item.release, try !isDone() else { return }
                    _ = try await hub.advance(release, event)
                }
                try await hub.settle([item.id])
                if try isDone() { return }
            }
        }
    }

    private func events(after item: OutboxItem) throws -> [Event] {
        guard item.release != nil else { return [] }
        return switch item.work {
        case .route(let route): [.routeApplied(generation: route.generation)]
        case .prepare: [.replicasReady, .warmupPassed, .goldenPassed]
        case .drain: [.drainDone]
        case .remove, .clear, .start, .stop: []
        }
    }

    /// Ticks and delivers until the release is in that phase, or for long enough.
    @discardableResult
    func drive(_ id: ReleaseID, to phase: Release.Phase = .succeeded, tick: Tick = good) async throws -> ReleaseFacts {
        func isThere() throws -> Bool { try hub.release(id, for: test.admin).phase == phase }
        for turn in 0..<20 {
            if try isThere() { break }
            try await deliver(until: isThere)
            if try isThere() { break }
            test.clock.turn(seconds: 1)
            _ = try await hub.advance(
                id, .tick(tick), decision: DecisionDraft(rule: "6.4", verdict: "pass", reason: "all metrics pass", inputs: "turn=\(turn)"))
        }
        // What an end asks for is done too.
        if phase.isTerminal { try await deliver() }
        let facts = try hub.release(id, for: test.admin)
        #expect(facts.phase == phase, "\(id) never became \(phase.rawValue): \(facts.release)")
        return facts
    }

    func endpoint() throws -> EndpointFacts { try hub.endpoint(Self.name, for: test.admin) }

    func weights() throws -> [Variant: Int] {
        Dictionary(uniqueKeysWithValues: try hub.route(of: Self.name, for: test.admin).route.targets.map { ($0.variant, $0.weight) })
    }

    /// The deploy locks that are registered, by what they say of the version.
    func locks() throws -> Int { try hub.locks(after: 0, limit: 100, for: test.admin).count }
}

extension EndpointName {
    static func named(_ text: String) -> EndpointName {
        do { return try EndpointName(parsing: text) } catch { preconditionFailure("\(text): \(error)") }
    }
}
