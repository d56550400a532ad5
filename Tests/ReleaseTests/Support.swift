import Core
import Release

/// Random numbers that are the same on every run (SplitMix64).
struct Dice: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: Int) { state = UInt64(truncatingIfNeeded: seed) }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }
    mutating func happens(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &self) < share }
    mutating func pick<T>(_ items: [T]) -> T { items[number(0...items.count - 1)] }
}

enum Known {
    static func digest(_ n: UInt8) -> Digest { Digest(bytes: [UInt8](repeating: n, count: 32)) }
    static let chat = (try? EndpointName(parsing: "chat"))!
    static let lock = digest(9)
    static let stable = BackendID(digest(1))
    static let candidate = BackendID(digest(2))
    static let newer = ReleaseID(endpoint: chat, number: 8)

    static func backend(_ id: BackendID, version: String, replicas: Int = 1) -> ServedBackend {
        ServedBackend(
            id: id,
            spec: BackendSpec(
                endpoint: chat,
                model: PinnedModel(
                    repo: (try? RepoName(parsing: "acme/whale"))!, commit: GitID(bytes: [UInt8](repeating: 7, count: 20)), manifest: id.digest,
                    version: version),
                runtime: RuntimeSpec(kind: .external(urls: ["http://127.0.0.1:1"]), replicas: replicas)))
    }
}

extension ReleaseSpec {
    static func sample(
        _ strategy: Strategy = .sample(), kind: Kind = .release, isFirst: Bool = false, objectives: [Objective] = [Objective(name: "errors")],
        unit: AssignmentPolicy.Unit = .request
    ) -> ReleaseSpec {
        ReleaseSpec(
            id: ReleaseID(endpoint: Known.chat, number: 7), kind: kind, from: isFirst ? nil : Known.stable, to: Known.candidate, lock: Known.lock,
            strategy: strategy, objectives: objectives, unit: unit, submittedBy: "ada")
    }
}

extension Strategy {
    /// 5 % and 50 %, two minutes each.
    static func sample(_ kind: Kind = .canary, steps: [Step] = [Step(weight: 500), Step(weight: 5000)]) -> Strategy {
        Strategy(kind: kind, steps: steps, bake: Bake(duration: 600_000, holdback: 500))
    }
}

extension Tick {
    /// A tick on which nothing keeps a release from going on.
    static func good(
        _ verdict: Finding.Verdict = .inconclusive, step: Milliseconds = 120_000, total: Milliseconds = 120_000, bake: Milliseconds = 0,
        _ change: (inout Tick) -> Void = { _ in }
    ) -> Tick {
        var finding = Finding()
        finding.verdict = verdict
        finding.isGateOpen = true
        var tick = Tick(stepObserved: step, totalObserved: total, bakeObserved: bake, clearedFor: 60_000, finding: finding)
        change(&tick)
        return tick
    }
}

/// A release and what it asked for, driven by events as the controller would.
struct Story {
    var release: Release
    var generation: Int64 = 40
    private(set) var commands: [Command] = []

    init(_ spec: ReleaseSpec = .sample()) { release = Release(spec) }

    /// The commands of one event, notices left out.
    @discardableResult mutating func take(_ event: Event) -> [Command] {
        commands = release.reduce(event)
        return commands.filter { if case .notify = $0 { false } else { true } }
    }
    /// Events of the notices that the last event led to.
    var notices: [String] { commands.compactMap { if case .notify(let notice) = $0 { notice.event } else { nil } } }

    /// The route asked for is in effect.
    @discardableResult mutating func apply() -> [Command] {
        generation += 1
        return take(.routeApplied(generation: generation))
    }

    static func preparing(_ spec: ReleaseSpec = .sample()) -> Story {
        var story = Story(spec)
        story.take(.submitted(isWarm: false))
        story.take(.tick(Tick()))
        return story
    }
    static func live(_ spec: ReleaseSpec = .sample()) -> Story {
        var story = preparing(spec)
        for event in [Event.replicasReady, .warmupPassed, .goldenPassed] { story.take(event) }
        story.apply()
        return story
    }
    /// In its last step.
    static func last(_ spec: ReleaseSpec = .sample()) -> Story {
        var story = live(spec)
        while story.release.step < spec.steps.count - 1 {
            story.take(.tick(.good(step: 3_600_000)))
            story.apply()
        }
        return story
    }
    static func baking(_ spec: ReleaseSpec = .sample()) -> Story {
        var story = last(spec)
        if story.release.phase == .progressing {
            story.take(.tick(.good(.pass, step: 3_600_000)))
            story.apply()
        }
        return story
    }
    static func rollingBack(_ spec: ReleaseSpec = .sample()) -> Story {
        var story = live(spec)
        story.take(.abort(reason: "changed my mind"))
        return story
    }
}

extension Command.Weights {
    static func candidate(_ weight: Int) -> Command.Weights { Command.Weights(candidate: weight) }
}
