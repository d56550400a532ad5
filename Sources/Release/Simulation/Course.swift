import Core

/// One simulated release: the real reducer and the real analysis over synthetic traffic, on a
/// clock of its own.
struct Course {
    private let scenario: Scenario
    private var draw: Draw
    private var release: Release
    private var analysis: Analysis
    private var stopwatch = Stopwatch()
    private var traffic: Traffic
    /// Seconds since the first route.
    private var time = 0.0
    private var generation: Int64 = 0
    private var failed = 0
    private var decidedAt: Double?

    init(_ scenario: Scenario, seed: UInt64, number: UInt64) {
        self.scenario = scenario
        draw = Draw(seed, stream: number)
        let spec = ReleaseSpec.pretended(scenario, &draw)
        release = Release(spec)
        analysis = Analysis(spec, at: 0)
        traffic = Traffic(scenario, &draw)
    }

    /// Nothing is left to happen by itself after so long.
    private static let end = 24 * 3600.0
    private static let patience = 3600.0

    mutating func run() -> Ending {
        begin()
        var pausedSince: Double?
        while !release.phase.isTerminal, time < Self.end {
            look()
            if release.phase == .paused {
                let since = pausedSince ?? time
                pausedSince = since
                // A person's turn, or silence that does not end.
                if release.pauses.contains(where: { $0 == .inconclusive || $0 == .assignmentBias }) || time - since > Self.patience { break }
            } else {
                pausedSince = nil
            }
        }
        return Ending(release, failed: failed, seconds: decidedAt ?? time)
    }

    private mutating func begin() {
        take(.submitted(isWarm: false))
        take(.tick(Tick()))
        for event in [Event.replicasReady, .warmupPassed, .goldenPassed] { take(event) }
    }

    /// Some traffic, then a tick.
    private mutating func look() {
        let elapsed = traffic.pass(from: time, release, scenario, &draw, into: &analysis)
        failed += traffic.failed
        time += elapsed
        let now = Milliseconds(time * 1000)
        analysis.advance(to: now, isLive: release.isCompared)
        let finding = analysis.finding(for: release)
        let span = Milliseconds((elapsed * 1000).rounded(.up))
        stopwatch.advance(
            by: span, tick: span, release: release, hasFreshData: finding.hasData, isStableHealthy: finding.isStableHealthy)
        take(.tick(stopwatch.tick(finding)))
    }

    private mutating func take(_ event: Event) {
        let commands = release.reduce(event)
        if release.phase == .rollingBack, decidedAt == nil { decidedAt = time }
        for command in commands {
            switch command {
            case .route:
                generation += 1
                take(.routeApplied(generation: generation))
            case .drain: take(.drainDone)
            case .prepareCandidate, .clearStable, .restoreStable, .moveStable, .stop, .releaseBlobs, .notify: break
            }
        }
    }
}

/// How a simulated release ended.
struct Ending {
    enum Kind: Int { case rolledBack, promoted, inconclusive, noData, other }
    let kind: Kind
    let failed: Int
    /// Until the rollback was decided, or the end.
    let seconds: Double

    init(_ release: Release, failed: Int, seconds: Double) {
        self.failed = failed
        self.seconds = seconds
        switch release.phase {
        case .rolledBack, .rollingBack: kind = .rolledBack
        case .succeeded: kind = .promoted
        case .paused where release.pauses.contains(.noData): kind = .noData
        case .paused where release.pauses.contains(.inconclusive): kind = .inconclusive
        case .paused, .pending, .preparing, .progressing, .baking, .completing, .failed, .canceled, .superseded: kind = .other
        }
    }
}
