package import Core

/// Observed time: counted tick by tick from the steady clock, only while the route is in effect
/// and requests come. A suspended machine, a stalled controller and a quiet night are not
/// observed; one tick counts at most two tick intervals.
package struct Stopwatch: Hashable, Sendable, Codable {
    package private(set) var stepObserved: Milliseconds = 0
    package private(set) var totalObserved: Milliseconds = 0
    package private(set) var bakeObserved: Milliseconds = 0
    package private(set) var pausedFor: Milliseconds = 0
    package private(set) var clearedFor: Milliseconds = 0
    private var step = 0
    private var pauses: [Release.PauseReason] = []

    package init() {}

    /// Before each tick, with the release as it is now and the finding of this tick.
    package mutating func advance(
        by elapsed: Milliseconds, tick interval: Milliseconds, release: Release, hasFreshData: Bool, isStableHealthy: Bool = true,
        isWindowOpen: Bool = true
    ) {
        let time = min(max(elapsed, 0), 2 * interval)
        if release.step != step {
            step = release.step
            stepObserved = 0
        }
        if release.pauses != pauses {
            // Another reason has its own clearing to wait for.
            clearedFor = 0
            pausedFor = 0
            pauses = release.pauses
        }
        switch release.phase {
        case .progressing where release.isRouteApplied && (hasFreshData || release.currentStep?.isSilent == true):
            stepObserved += time
            totalObserved += time
        // What succeeded before need not be proven again by traffic.
        case .baking where release.isRouteApplied && (hasFreshData || release.spec.kind == .rollback): bakeObserved += time
        case .paused:
            pausedFor += time
            let isCleared = release.pauses.allSatisfy { reason in
                switch reason {
                case .noData: hasFreshData
                case .stableUnhealthy: isStableHealthy
                case .window: isWindowOpen
                case .manual, .inconclusive, .tripped, .awaitingApproval, .assignmentBias, .hooks: true
                }
            }
            clearedFor = isCleared ? clearedFor + time : 0
        default: break
        }
    }

    /// The tick that carries these times and this finding to the reducer.
    package func tick(_ finding: Finding, isWindowOpen: Bool = true, mayBegin: Bool = true, hooksPassed: Bool = true) -> Tick {
        Tick(
            stepObserved: stepObserved, totalObserved: totalObserved, bakeObserved: bakeObserved, pausedFor: pausedFor, clearedFor: clearedFor,
            isWindowOpen: isWindowOpen, mayBegin: mayBegin, hooksPassed: hooksPassed, finding: finding)
    }
}
