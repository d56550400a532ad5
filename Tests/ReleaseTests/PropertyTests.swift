import Core
import Release
import Testing

/// What the commands of a release have made of the world.
private struct World: Equatable {
    var weights = Command.Weights.none
    var isStableMoved = false
    var candidate = "off"
    var previous = "on"
    var hasBlobs = true

    mutating func carry(out command: Command) {
        switch command {
        case .prepareCandidate: candidate = "on"
        case .route(let new): weights = new
        case .clearStable: previous = "off"
        case .restoreStable: previous = "on"
        case .moveStable: isStableMoved = true
        case .drain(.candidate): if candidate == "on" { candidate = "draining" }
        case .drain(.previous): if previous == "on" { previous = "draining" }
        case .stop(.candidate): candidate = "off"
        case .stop(.previous): previous = "off"
        case .releaseBlobs: hasBlobs = false
        case .notify: break
        }
    }
}

/// Random releases under random events, biased so that each phase is reached.
private struct Chaos {
    var dice: Dice
    var generation: Int64 = 3

    mutating func spec() -> ReleaseSpec {
        let steps = (0..<dice.number(1...4)).map { _ in
            Strategy.Step(
                weight: dice.pick([0, 100, 500, 2500, 5000]), shadow: dice.pick([0, 0, 1000]), minObserved: 1000,
                approval: dice.happens(0.3) ? .init(quorum: dice.number(1...2)) : nil, hooks: dice.happens(0.2) ? ["http://127.0.0.1/"] : [])
        }
        var strategy = Strategy(kind: dice.pick([.canary, .canary, .canary, .blueGreen, .shadow, .recreate]), steps: steps)
        strategy.bake = .init(duration: 1000, holdback: dice.pick([0, 500, 2000]))
        strategy.maxObserved = 5000
        strategy.onInconclusive = dice.pick([.pause, .rollback])
        strategy.hasControl = dice.happens(0.3)
        strategy.approvesOthersOnly = dice.happens(0.3)
        strategy.keepsPrevious = dice.happens(0.3)
        return .sample(strategy, kind: dice.happens(0.1) ? .rollback : .release, isFirst: dice.happens(0.05))
    }

    mutating func tick() -> Tick {
        var finding = Finding()
        finding.verdict = dice.pick([.inconclusive, .inconclusive, .inconclusive, .pass, .pass, .pass, .fail, .guardTripped, .assignmentBias, .noData]
        )
        if dice.happens(0.4) { finding.verdict = .pass }
        finding.isGateOpen = dice.happens(0.7)
        finding.trip = dice.pick([nil, nil, .undecided, .candidate, .common, .common])
        finding.hasData = finding.verdict != .noData && dice.happens(0.9)
        finding.isStableHealthy = dice.happens(0.7)
        return Tick(
            stepObserved: Int64(dice.number(0...3000)), totalObserved: Int64(dice.number(0...6000)), bakeObserved: Int64(dice.number(0...2000)),
            pausedFor: Int64(dice.number(0...70_000)), clearedFor: Int64(dice.number(0...120_000)), isWindowOpen: dice.happens(0.9),
            mayBegin: dice.happens(0.9), hooksPassed: dice.happens(0.7), finding: finding)
    }

    mutating func event(for release: Release) -> Event {
        switch dice.number(0...99) {
        case 0..<40: return .tick(tick())
        case 40..<60:
            if dice.happens(0.9) { generation += 1 }
            return .routeApplied(generation: dice.happens(0.9) ? generation : Int64(dice.number(0...40)))
        case 60..<72: return dice.pick([.submitted(isWarm: dice.happens(0.3)), .replicasReady, .warmupPassed, .goldenPassed])
        case 72..<78: return dice.pick([.drainDone, .drainDeadline])
        case 78..<84:
            return .approve(
                Approval(
                    actor: dice.pick(["ada", "bob", "eve"]), step: dice.happens(0.9) ? release.step : 9,
                    generation: release.generation + Int64(dice.pick([0, 0, 0, -1, -2, 1])), lock: dice.happens(0.9) ? Known.lock : Known.digest(3)))
        case 84..<90: return dice.pick([.pause(reason: "p"), .resume(reason: "r"), .resume(reason: "")])
        case 90..<93: return dice.pick([.promote(reason: "f"), .promote(reason: "")])
        case 93..<95: return .controllerStarted
        case 95: return dice.pick([.abort(reason: "a"), .reject(reason: "no"), .superseded(by: Known.newer)])
        case 96: return dice.pick([.digestMismatch("d"), .startFailed("s"), .readyDeadline, .warmupFailed("w"), .goldenFailed("g")])
        case 97: return dice.pick([.candidateUnhealthy("u"), .pendingDeadline])
        default: return .clockJumped(seconds: 3600)
        }
    }
}

extension Release {
    /// Equal but for the count of events.
    fileprivate func isSame(as other: Release) -> Bool {
        phase == other.phase && step == other.step && pauses == other.pauses && outcome == other.outcome && hasFailed == other.hasFailed
            && approvals == other.approvals && weights == other.weights && isRouteApplied == other.isRouteApplied
            && phaseBeforePause == other.phaseBeforePause && prepared == other.prepared && routeFloor == other.routeFloor
            && awaitingSince == other.awaitingSince && isStepApproved == other.isStepApproved && extensions == other.extensions
            && isBiasAccepted == other.isBiasAccepted
    }
}

@Suite("whatever happens in whatever order")
struct PropertyTests {
    static let cases = 10_000

    /// What must hold of one event: before, the event, the commands, after.
    private func check(_ before: Release, _ event: Event, _ commands: [Command], _ after: Release) -> String? {
        let live: Set<Release.Phase> = [.progressing, .paused, .baking, .completing]
        if before.phase.isTerminal, after != before || !commands.isEmpty { return "a terminal phase was left" }
        if !live.contains(after.phase), after.weights.candidate != 0 { return "weight in phase \(after.phase)" }
        if before.hasFailed, after.weights.candidate > before.weights.candidate { return "weight rose after FAIL" }
        if before.hasFailed && !after.hasFailed { return "FAIL was unlearned" }
        if after.hasFailed, after.weights.candidate != 0 || !(after.phase == .rollingBack || after.phase == .rolledBack) { return "FAIL with weight" }
        if after.phase == .paused && after.pauses.isEmpty || after.phase != .paused && !after.pauses.isEmpty {
            return "reasons do not match the phase"
        }
        if Set(after.pauses).count != after.pauses.count { return "a reason twice" }
        var hasChanged = !after.isSame(as: before) || !commands.isEmpty
        // The submission is the first event, whatever it leads to.
        if case .submitted = event, before.generation == 0 { hasChanged = true }
        if after.generation != before.generation + (hasChanged ? 1 : 0) {
            return "generation \(before.generation) to \(after.generation), changed: \(hasChanged)"
        }
        if commands.contains(.moveStable) {
            guard after.phase == .completing, before.phase == .baking || before.spec.from == nil else { return "stable moved from \(before.phase)" }
            if before.spec.strategy.kind == .shadow, before.spec.kind == .release, before.spec.from != nil { return "a shadow release moved stable" }
        }
        if commands.contains(where: { if case .route(let new) = $0 { new != after.weights || after.isRouteApplied } else { false } }) {
            return "the route asked for is not the one remembered"
        }
        if after.weights != before.weights, after.phase != .succeeded, !commands.contains(.route(after.weights)) {
            return "weights changed without a route"
        }
        if case .approve(let approval) = event, hasChanged {
            guard approval.step == before.step, approval.lock == Known.lock, let since = before.awaitingSince, approval.generation >= since,
                approval.generation <= before.generation
            else { return "an approval of something else counted" }
        }
        return rise(before, event, after)
    }

    /// A candidate's weight rises only as the evidence, an approval of it or a person's order allows.
    private func rise(_ before: Release, _ event: Event, _ after: Release) -> String? {
        guard after.weights.candidate > before.weights.candidate, before.isCompared else { return nil }
        switch event {
        case .tick(let tick):
            if before.phase == .paused { return tick.clearedFor >= before.spec.strategy.clearFor ? nil : "rose while paused" }
            if !before.isRouteApplied { return "rose before the route was in effect" }
            let isSilent = before.currentStep?.isSilent == true
            if !isSilent, !tick.finding.hasData, before.spec.kind != .rollback { return "rose without data" }
            if before.phase == .progressing, !tick.finding.isGateOpen, tick.finding.verdict != .pass { return "rose behind a closed gate" }
            return nil
        case .approve, .resume, .promote: return nil
        default: return "rose on \(event)"
        }
    }

    @Test("the rules hold for 10,000 random histories, and replaying what changed something gives the same state")
    func histories() {
        var phases: Set<Release.Phase> = []
        for number in 0..<Self.cases {
            var chaos = Chaos(dice: Dice(number))
            let spec = chaos.spec()
            var release = Release(spec)
            var stored: [Event] = []
            var once = World()
            var twice = World()
            var moves = 0
            for _ in 0..<60 {
                let event = chaos.event(for: release)
                let before = release
                let commands = release.reduce(event)
                if let wrong = check(before, event, commands, release) {
                    Issue.record(
                        "case \(number): \(wrong); \(before.phase) \(before.pauses) to \(release.phase) on \(event) with \(commands)"
                    )
                    return
                }
                if release.generation > before.generation { stored.append(event) }
                moves += commands.count { $0 == .moveStable }
                for command in commands {
                    once.carry(out: command)
                    twice.carry(out: command)
                    twice.carry(out: command)
                }
                phases.insert(release.phase)
            }
            var replayed = Release(spec)
            for event in stored { _ = replayed.reduce(event) }
            guard replayed == release, once == twice, moves <= 1, once.isStableMoved == (moves == 1),
                release.phase == .succeeded || once.weights == release.weights
            else {
                Issue.record("case \(number): replay or commands differ")
                return
            }
        }
        // The test is worth something only if it gets everywhere.
        #expect(phases == Set(Release.Phase.allCases))
    }

    @Test("the weights of every route add up to the whole")
    func wholes() {
        let endpoint = EndpointSpec(name: Known.chat)
        let (stable, candidate) = (Known.backend(Known.stable, version: "1", replicas: 2), Known.backend(Known.candidate, version: "2"))
        for number in 0..<2000 {
            var chaos = Chaos(dice: Dice(number))
            var release = Release(chaos.spec())
            for _ in 0..<40 {
                let commands = release.reduce(chaos.event(for: release))
                guard commands.contains(where: { if case .route = $0 { true } else { false } }) else { continue }
                let hasMoved = release.phase == .completing && release.outcome == nil
                let route = TrafficRoute.render(
                    endpoint, release: release, stable: hasMoved ? candidate : (release.spec.from == nil ? nil : stable), candidate: candidate,
                    generation: 1)
                #expect(route.targets.reduce(0) { $0 + $1.weight } == 10_000)
                #expect(route.target(.candidate)?.weight ?? 0 == (hasMoved ? 0 : release.weights.candidate))
            }
        }
    }
}
