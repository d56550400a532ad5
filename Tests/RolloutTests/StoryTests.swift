import Core
import Hub
import Release
import Rollout
import Synchronization
import Testing
import TestKit

@Suite("releases from the first to the last event")
struct StoryTests {
    @Test("the first version of an endpoint goes live without being judged, and every share is its own")
    func first() async throws {
        let stage = try await Stage()
        try await stage.conductor.boot()
        let id = try await stage.apply("1.0")
        #expect(try stage.phase(id) == .pending && stage.traffic.route("chat") == nil)
        for _ in 0..<4 { await stage.tick() }
        #expect(try stage.phase(id) == .succeeded)
        let route = try #require(stage.traffic.route("chat"))
        #expect(route.targets.map(\.variant) == [.stable] && route.targets.map(\.weight) == [10_000])
        #expect(try stage.hub.outbox(limit: 10) == [])
        #expect(stage.replicas.orders.first == .start(try stage.release(id).spec.to, isPreparing: true))
    }

    @Test("a good candidate goes up step by step, bakes and becomes stable; the old one is drained and stopped")
    func succeeds() async throws {
        let stage = try await Stage.serving()
        let old = try #require(stage.traffic.route("chat")?.targets.first?.backend)
        let id = try await stage.apply("1.1")
        try await stage.run { try $0.phase(id).isTerminal }
        #expect(try stage.phase(id) == .succeeded)
        let weights = stage.traffic.state.withLock { $0.history }.filter { $0.release == id }.map { $0.target(.candidate)?.weight ?? 0 }
        #expect(weights == [500, 1000, 2500, 5000, 9500])
        let new = try stage.release(id).spec.to
        #expect(stage.traffic.route("chat")?.targets.map(\.backend) == [new])
        #expect(stage.replicas.orders.suffix(2) == [.drain(old), .stop(old)])
        #expect(stage.replicas.running == [new])
        #expect(try stage.hub.replay(id) == stage.release(id))
    }

    @Test("a candidate that fails is taken to weight 0 in the tick of the evidence, with the decision and its inputs kept")
    func fails() async throws {
        let stage = try await Stage.serving()
        let id = try await stage.apply("1.1")
        try await stage.run(candidate: 0.4) { try $0.phase(id) == .rollingBack || $0.phase(id).isTerminal || $0.phase(id) == .paused }
        #expect(stage.traffic.weight("chat") == 0)
        try await stage.run { try $0.phase(id).isTerminal }
        let release = try stage.release(id)
        #expect(release.phase == .rolledBack && release.outcome?.code == "analysis-failed")
        #expect(!stage.replicas.running.contains(release.spec.to))
        let decisions = try stage.hub.decisions(of: id, after: 0, limit: 100, for: stage.admin)
        let last = try #require(decisions.last { $0.draft.verdict == "fail" || $0.draft.verdict == "guard-tripped" || $0.draft.rule == "6.2" })
        // What was stored is all that the verdict was computed from.
        let again = try Analysis(parsing: last.draft.inputs)
        #expect(again.inputs == last.draft.inputs && !last.draft.reason.isEmpty)
    }

    @Test("total breakage at half of the traffic trips the guard, and is told from an incident of both")
    func trips() async throws {
        let stage = try await Stage.serving()
        let id = try await stage.apply("1.1")
        try await stage.run { $0.traffic.weight("chat") == 5000 }
        try await stage.run(for: 1_000, perSecond: 50, candidate: 1) { $0.traffic.weight("chat") == 0 }
        #expect(stage.traffic.weight("chat") == 0)
        try await stage.run(for: 300_000, candidate: 1) { try $0.phase(id).isTerminal }
        #expect(try stage.phase(id) == .rolledBack)
    }

    @Test("an incident of both versions pauses, and the step goes on by itself when it is over")
    func incident() async throws {
        let stage = try await Stage.serving()
        let id = try await stage.apply("1.1")
        try await stage.run { $0.traffic.weight("chat") == 5000 }
        try await stage.run(for: 120_000, perSecond: 50, stable: 0.9, candidate: 0.9) { try $0.release(id).pauses.contains(.stableUnhealthy) }
        #expect(try stage.release(id).pauses == [.stableUnhealthy])
        #expect(stage.traffic.weight("chat") == 0)
        try await stage.run(for: 1_800_000) { $0.traffic.weight("chat") == 5000 }
        #expect(try stage.phase(id) == .progressing)
        try await stage.run { try $0.phase(id).isTerminal }
        #expect(try stage.phase(id) == .succeeded)
    }

    @Test("without requests nothing is decided: the release pauses, and goes on once they return")
    func noData() async throws {
        let stage = try await Stage.serving()
        let id = try await stage.apply("1.1")
        try await stage.run { $0.traffic.weight("chat") == 1000 }
        try await stage.run(for: 900_000, perSecond: 0) { try $0.phase(id) == .paused }
        #expect(try stage.release(id).pauses == [.noData])
        let before = try stage.release(id).step
        try await stage.run(for: 120_000) { try $0.phase(id) == .progressing }
        #expect(try stage.phase(id) == .progressing && stage.release(id).step == before && stage.traffic.weight("chat") == 1000)
    }

    @Test("a pause by hand outlives the return of data; only resuming by hand ends it")
    func manualPause() async throws {
        let stage = try await Stage.serving()
        let id = try await stage.apply("1.1")
        try await stage.run { $0.traffic.weight("chat") == 1000 }
        try await stage.order(id, .pause(reason: "lunch"))
        try await stage.run(for: 900_000, perSecond: 0)
        try await stage.run(for: 300_000)
        #expect(try stage.phase(id) == .paused && stage.release(id).pauses.contains(.manual) && stage.traffic.weight("chat") == 1000)
        try await stage.order(id, .resume(reason: ""))
        try await stage.run(for: 300_000) { try $0.phase(id) == .progressing }
        #expect(try stage.phase(id) == .progressing)
    }

    @Test("a step with an approval waits for it, and goes on at the approval")
    func approval() async throws {
        let stage = try await Stage.serving()
        var strategy = Strategy.brisk
        strategy.steps[1].approval = Strategy.ApprovalRule(role: "admin", quorum: 1)
        let id = try await stage.apply("1.1", strategy: strategy)
        try await stage.run { try $0.release(id).pauses.contains(.awaitingApproval) }
        #expect(stage.traffic.weight("chat") == 1000)
        try await stage.run(for: 60_000)
        #expect(stage.traffic.weight("chat") == 1000)
        try await stage.order(id, .approve(generation: nil, lock: nil, comment: "fine"))
        #expect(stage.traffic.weight("chat") == 2500)
        try await stage.run { try $0.phase(id).isTerminal }
        #expect(try stage.phase(id) == .succeeded)
    }

    @Test("a rejected step takes the candidate out at once")
    func rejection() async throws {
        let stage = try await Stage.serving()
        var strategy = Strategy.brisk
        strategy.steps[0].approval = Strategy.ApprovalRule(role: "admin", quorum: 1)
        let id = try await stage.apply("1.1", strategy: strategy)
        try await stage.run { try $0.release(id).pauses.contains(.awaitingApproval) }
        try await stage.order(id, .reject(reason: "not today"))
        #expect(stage.traffic.weight("chat") == 0)
        try await stage.run(for: 10_000) { try $0.phase(id).isTerminal }
        #expect(try stage.release(id).outcome?.code == "rejected")
    }

    enum Moment: String, CaseIterable { case pending, preparing, progressing, paused, baking }

    @Test("an abort ends the release in whichever phase, and stable has all traffic", arguments: Moment.allCases)
    func abort(at moment: Moment) async throws {
        let stage = try await Stage.serving()
        if moment == .preparing { stage.replicas.state.withLock { $0.isSilent = true } }
        let id = try await stage.apply("1.1")
        switch moment {
        case .pending: break
        case .preparing: try await stage.run(for: 5_000) { try $0.phase(id) == .preparing }
        case .progressing: try await stage.run { $0.traffic.weight("chat") == 1000 }
        case .paused:
            try await stage.run { $0.traffic.weight("chat") == 1000 }
            try await stage.order(id, .pause(reason: ""))
        case .baking: try await stage.run { try $0.phase(id) == .baking }
        }
        #expect(try stage.phase(id).rawValue == moment.rawValue)
        try await stage.order(id, .abort(reason: "no"))
        #expect(stage.traffic.weight("chat") == 0)
        try await stage.run(for: 10_000) { try $0.phase(id).isTerminal }
        #expect(try stage.phase(id) == (moment == .pending || moment == .preparing ? .canceled : .rolledBack))
        #expect(try !stage.replicas.running.contains(stage.release(id).spec.to))
        #expect(stage.traffic.route("chat")?.targets.first { $0.variant == .stable }?.weight == 10_000)
    }

    @Test(
        "what fails before live traffic ends as failed, with its own word",
        arguments: [
            (ReplicaReport.PrepareFailure.digestMismatch, "digest-mismatch"), (.startFailed, "start-failed"), (.outOfMemory, "start-failed"),
            (.readyDeadline, "ready-deadline"), (.warmupFailed, "warmup-failed"), (.goldenFailed, "golden-failed")
        ])
    func preparation(failure: ReplicaReport.PrepareFailure, code: String) async throws {
        let stage = try await Stage.serving()
        let id = try await stage.apply("1.1")
        let backend = try stage.release(id).spec.to
        stage.replicas.state.withLock { $0.failures[backend] = (failure, "because") }
        try await stage.run(for: 5_000) { try $0.phase(id).isTerminal }
        #expect(try stage.phase(id) == .failed && stage.release(id).outcome?.code == code)
        #expect(!stage.replicas.running.contains(backend))
        #expect(stage.traffic.state.withLock { $0.history }.allSatisfy { $0.release != id })
    }

    @Test("a candidate without a ready replica is rolled back")
    func unhealthy() async throws {
        let stage = try await Stage.serving()
        let id = try await stage.apply("1.1")
        try await stage.run { $0.traffic.weight("chat") == 1000 }
        stage.replicas.tell(.unhealthy(try stage.release(id).spec.to, "it crashes"))
        await stage.settle()
        #expect(stage.traffic.weight("chat") == 0)
        try await stage.run(for: 5_000) { try $0.phase(id).isTerminal }
        #expect(try stage.release(id).outcome?.code == "backend-failed")
    }

    @Test("a queued release waits for the one before it, and begins from what that made stable")
    func queue() async throws {
        let stage = try await Stage.serving()
        var strategy = Strategy.brisk
        strategy.whileActive = .queue
        strategy.pendingDeadline = 86_400_000
        let one = try await stage.apply("1.1", strategy: strategy)
        await stage.tick()
        let two = try await stage.apply("1.2", strategy: strategy)
        try await stage.run(for: 60_000)
        #expect(try stage.phase(one) == .progressing && stage.phase(two) == .pending)
        try await stage.run { try $0.phase(two).isTerminal }
        #expect(try stage.phase(one) == .succeeded && stage.phase(two) == .succeeded)
        #expect(try stage.release(two).spec.from == stage.release(one).spec.to)
    }

    @Test("a newer release supersedes one under way, which goes back first")
    func supersede() async throws {
        let stage = try await Stage.serving()
        var strategy = Strategy.brisk
        strategy.whileActive = .supersede
        let one = try await stage.apply("1.1", strategy: strategy)
        try await stage.run { $0.traffic.weight("chat") == 1000 }
        let two = try await stage.apply("1.2", strategy: strategy)
        try await stage.run { try $0.phase(two).isTerminal }
        #expect(try stage.release(one).outcome?.code == "superseded")
        #expect(try stage.phase(two) == .succeeded && !stage.replicas.running.contains(stage.release(one).spec.to))
    }

    @Test("recreate stops stable before the candidate starts, and a failure brings stable back")
    func recreate() async throws {
        let stage = try await Stage.serving(memory: 100, needs: 80)
        let old = try #require(stage.traffic.route("chat")?.targets.first?.backend)
        var strategy = Strategy.brisk
        strategy.kind = .recreate
        let bad = try await stage.apply("1.1", strategy: strategy, memory: 80)
        let broken = try stage.release(bad).spec.to
        stage.replicas.state.withLock { $0.failures[broken] = (.goldenFailed, "wrong") }
        try await stage.run(for: 5_000) { try $0.phase(bad).isTerminal }
        #expect(try stage.phase(bad) == .failed)
        let orders = stage.replicas.orders
        let drain = try #require(orders.firstIndex(of: .drain(old))), start = try #require(orders.firstIndex(of: .start(broken, isPreparing: true)))
        #expect(drain < start && orders.last == .start(old, isPreparing: false))
        #expect(stage.replicas.running == [old])
        let good = try await stage.apply("1.2", strategy: strategy, memory: 80)
        try await stage.run { try $0.phase(good).isTerminal }
        #expect(try stage.phase(good) == .succeeded)
        #expect(stage.replicas.running == [try stage.release(good).spec.to])
    }

    @Test("recreate does not start the candidate before stable's last request has ended, and an abort meanwhile keeps stable")
    func recreateWaits() async throws {
        let stage = try await Stage.serving(memory: 100, needs: 80)
        let old = try #require(stage.traffic.route("chat")?.targets.first?.backend)
        stage.replicas.state.withLock { $0.neverDrains = true }
        var strategy = Strategy.brisk
        strategy.kind = .recreate
        let first = try await stage.apply("1.1", strategy: strategy, memory: 80)
        try await stage.run(for: 10_000)
        let new = try stage.release(first).spec.to
        #expect(stage.replicas.orders.last == .drain(old) && !stage.replicas.running.contains(new))
        try await stage.order(first, .abort(reason: "not now"))
        #expect(try stage.phase(first) == .canceled && stage.replicas.orders.last == .start(old, isPreparing: false))
        #expect(!stage.replicas.orders.contains(.start(new, isPreparing: true)))
        let second = try await stage.apply("1.1", strategy: strategy, memory: 80)
        try await stage.run(for: 10_000)
        #expect(!stage.replicas.running.contains(new))
        stage.replicas.tell(.drained(old, atDeadline: true))
        try await stage.run { try $0.phase(second).isTerminal }
        #expect(try stage.phase(second) == .succeeded && stage.replicas.running.contains(new))
    }

    @Test("a drain whose end is never told ends after its deadline and a grace")
    func neverDrained() async throws {
        let stage = try await Stage.serving()
        let id = try await stage.apply("1.1") { $0.runtime.drainDeadline = 30_000 }
        try await stage.run { $0.traffic.weight("chat") == 500 }
        stage.replicas.state.withLock { $0.neverDrains = true }
        try await stage.order(id, .abort(reason: "x"))
        try await stage.run(for: 80_000)
        #expect(try stage.phase(id) == .rollingBack)
        try await stage.run(for: 20_000) { try $0.phase(id).isTerminal }
        #expect(try stage.phase(id) == .rolledBack)
    }

    @Test("a candidate for which there is no memory waits, and fails at its deadline")
    func memory() async throws {
        let stage = try await Stage.serving(memory: 100, needs: 80)
        var strategy = Strategy.brisk
        strategy.pendingDeadline = 60_000
        let id = try await stage.apply("1.1", strategy: strategy, memory: 80)
        try await stage.run(for: 30_000)
        #expect(try stage.phase(id) == .pending)
        try await stage.run(for: 60_000) { try $0.phase(id).isTerminal }
        #expect(try stage.release(id).outcome?.code == "not-scheduled")
    }

    @Test("blue-green goes from nothing to everything, bakes and succeeds")
    func blueGreen() async throws {
        let stage = try await Stage.serving()
        var strategy = Strategy.brisk
        strategy.kind = .blueGreen
        let id = try await stage.apply("1.1", strategy: strategy)
        try await stage.run { try $0.phase(id).isTerminal }
        #expect(try stage.phase(id) == .succeeded)
        let weights = stage.traffic.state.withLock { $0.history }.filter { $0.release == id }.map { $0.target(.candidate)?.weight ?? 0 }
        #expect(weights == [9500])
    }

    @Test("a shadow release is compared unseen and never goes live")
    func shadow() async throws {
        let stage = try await Stage.serving()
        var strategy = Strategy.brisk
        strategy.kind = .shadow
        strategy.steps = [Strategy.Step(weight: 0, shadow: 5000, minObserved: 10_000)]
        let id = try await stage.apply("1.1", strategy: strategy)
        for _ in 0..<4_000 {
            if try stage.phase(id).isTerminal { break }
            if let route = stage.traffic.route("chat"), route.shadow != nil {
                let outcomes = (0..<5).map { _ in ShadowOutcome(known: 1, bad: 0, at: stage.steady.now) }
                stage.traffic.state.withLock {
                    $0.reports.append(TrafficReport(endpoint: route.endpoint, release: id, generation: route.generation, shadows: outcomes))
                }
            }
            stage.send(5)
            await stage.tick()
        }
        #expect(stage.traffic.state.withLock { $0.history }.allSatisfy { ($0.target(.candidate)?.weight ?? 0) == 0 })
        #expect(stage.traffic.state.withLock { $0.history }.contains { $0.shadow?.ratio == 5000 })
        #expect(try stage.phase(id) == .succeeded)
        #expect(try !stage.replicas.running.contains(stage.release(id).spec.to))
    }

    @Test("an operator's rollback moves the pointer at once where the old version still runs, else starts it first", arguments: [true, false])
    func rollback(isWarm: Bool) async throws {
        let stage = try await Stage.serving()
        let old = try #require(stage.traffic.route("chat")?.targets.first?.backend)
        var strategy = Strategy.brisk
        strategy.keepsPrevious = isWarm
        let id = try await stage.apply("1.1", strategy: strategy)
        try await stage.run { try $0.phase(id).isTerminal }
        #expect(stage.replicas.running.contains(old) == isWarm)
        let back = try await stage.hub.rollback(stage.endpoint(), to: nil, reason: "it smells", by: stage.admin)
        // No tick: the change itself wakes the conductor.
        await stage.settle()
        #expect((stage.traffic.weight("chat") == 10_000) == isWarm)
        try await stage.run { try $0.phase(back.id).isTerminal }
        #expect(try stage.phase(back.id) == .succeeded)
        #expect(stage.traffic.route("chat")?.targets.map(\.backend) == [old])
    }

    @Test("a step is not taken outside its window")
    func window() async throws {
        let stage = try await Stage.serving()
        var strategy = Strategy.brisk
        // The test's clock begins on Thursday, 28 May 2026, at 20:26 UTC.
        strategy.windows = [Strategy.Window(days: [4], from: 0, until: 20 * 60 + 28), Strategy.Window(days: [5], from: 0, until: 1440)]
        strategy.maxObserved = 86_400_000
        let id = try await stage.apply("1.1", strategy: strategy)
        try await stage.run(for: 600_000) { try $0.phase(id) == .paused }
        #expect(try stage.release(id).pauses == [.window])
        let weight = stage.traffic.weight("chat")
        try await stage.run(for: 3_600_000)
        #expect(stage.traffic.weight("chat") == weight)
        stage.test.clock.turn(seconds: 3 * 3600)
        try await stage.run { try $0.phase(id).isTerminal }
        #expect(try stage.phase(id) == .succeeded)
    }

    @Test("a hook must answer before its step is left, and is not asked in every tick")
    func hooks() async throws {
        let stage = try await Stage.serving()
        stage.courier.answer("http://hook.test/ok", .answered(503))
        var strategy = Strategy.brisk
        strategy.steps[0].hooks = ["http://hook.test/ok"]
        let id = try await stage.apply("1.1", strategy: strategy)
        try await stage.run(for: 120_000)
        #expect(try stage.release(id).step == 0)
        let asked = stage.courier.errands.count
        #expect((2...30).contains(asked))
        stage.courier.answer("http://hook.test/ok", .answered(204))
        try await stage.run(for: 120_000) { try $0.release(id).step == 1 }
        #expect(try stage.release(id).step == 1)
    }

    @Test("settings that change during a release leave it on its way")
    func settings() async throws {
        let stage = try await Stage.serving()
        let id = try await stage.apply("1.1")
        try await stage.run { $0.traffic.weight("chat") == 1000 }
        let metrics = stage.conductor.metrics.render()
        #expect(metrics.contains("grayling_release_phase{endpoint=\"chat\",release=\"\(id)\",phase=\"progressing\"} 1"))
        #expect(metrics.contains("grayling_release_weight_ratio{endpoint=\"chat\",release=\"\(id)\",variant=\"candidate\"} 0.1"))
        #expect(
            metrics.contains("grayling_release_analysis_units_total{endpoint=\"chat\",release=\"\(id)\",metric=\"errors\",variant=\"candidate\"}"))
        #expect(metrics.contains("grayling_release_transitions_total{endpoint=\"chat\",from=\"preparing\",to=\"progressing\",reason=\"\"} 1"))
    }
}
