import Core
import Release

/// What one tick means for one release, decided as a value: nothing is stored or sent here.
struct Turn {
    var now: Instant
    var steady: Milliseconds
    var passage: ClockWatch.Passage
    var interval: Milliseconds
    /// The release is the first in line, and the machine has the memory.
    var mayBegin: Bool

    /// What happens to the release now, oldest first. A tick that would change nothing is left out.
    func events(of charge: inout Charge) -> [Event] {
        if passage.isGap { charge.newsBegins = steady }
        charge.analysis.advance(to: steady)
        let finding = charge.analysis.finding(for: charge.release)
        let isWindowOpen = charge.release.spec.strategy.isWindowOpen(at: now)
        charge.stopwatch.advance(
            by: passage.elapsed, tick: interval, release: charge.release, hasFreshData: finding.hasData && charge.hasNews,
            isStableHealthy: finding.isStableHealthy, isWindowOpen: isWindowOpen)
        var events: [Event] = []
        if let jump = passage.jump { events.append(.clockJumped(seconds: jump / 1000)) }
        if charge.isFirstTick {
            charge.isFirstTick = false
            return events
        }
        if charge.release.phase == .pending, now.milliseconds - charge.facts.created.milliseconds >= charge.release.spec.strategy.pendingDeadline {
            return events + [.pendingDeadline]
        }
        let tick = charge.stopwatch.tick(
            finding, isWindowOpen: isWindowOpen, mayBegin: mayBegin,
            hooksPassed: charge.hooks.hasPassed(charge.release.hooks, of: charge.release.step))
        if charge.release.isMoved(by: .tick(tick)) { events.append(.tick(tick)) }
        return events
    }
}

extension Release {
    /// The addresses that must answer before the present step may be left.
    var hooks: [String] { currentStep?.hooks ?? [] }

    /// Weights of its own are, or are to be, in effect.
    var isRouted: Bool { isCompared || phase == .completing || phase == .rollingBack }

    /// Whether the event would change anything; the stored release is asked again when it is stored.
    func isMoved(by event: Event) -> Bool {
        var copy = self
        return !copy.reduce(event).isEmpty || copy != self
    }
}
