import Core

// Reasons to wait are a set: the release goes on when the last is gone, so a pause by hand
// survives the return of data. Analysis goes on meanwhile: a paused release can still roll back.

extension Release {
    /// A tripped guard not explained within this long counts against the candidate.
    static let tripPatience: Milliseconds = 60_000

    mutating func pause(_ reason: PauseReason) -> [Command] {
        hold(reason)
        return [.notify(.init(event: "paused", reason: reason.rawValue))]
    }

    /// 13. Also while it bakes, and on top of another reason.
    mutating func pauseByHand() -> [Command]? {
        guard isCompared, !pauses.contains(.manual) else { return nil }
        return pause(.manual)
    }

    /// 16. Weight 0 at once; why is asked afterwards. `recreate` has no stable to ask or to send
    /// requests to, so it goes back.
    mutating func trip(_ finding: Finding) -> [Command] {
        if isRecreating { return fail(finding) }
        hold(.tripped)
        return ask(.none) + [.notify(.init(event: "paused", reason: PauseReason.tripped.rawValue))]
    }

    private mutating func hold(_ reason: PauseReason) {
        if phase != .paused {
            phaseBeforePause = phase
            phase = .paused
        }
        if !pauses.contains(reason) { pauses.append(reason) }
    }

    mutating func wait(_ tick: Tick) -> [Command]? {
        let finding = tick.finding
        if finding.verdict == .fail { return fail(finding) }
        if pauses.contains(.tripped) { return classify(tick) }
        if finding.verdict == .guardTripped, weights.candidate > 0 { return trip(finding) }
        if pauses.contains(.hooks), !tick.hooksPassed, tick.pausedFor >= spec.strategy.pendingDeadline {
            if spec.strategy.onInconclusive == .rollback { return rollBack("hooks-timeout", "a hook of the step did not answer in time") }
            if !pauses.contains(.inconclusive) { return pause(.inconclusive) }
        }
        // An approval given while nothing is known does not move anything by itself.
        if pauses.contains(.awaitingApproval), !finding.hasData, !pauses.contains(.noData), currentStep?.isSilent != true {
            return pause(.noData)
        }
        // 18.
        let isLongEnough = tick.clearedFor >= spec.strategy.clearFor
        let left = pauses.filter { reason in
            switch reason {
            case .noData: !(isLongEnough && finding.hasData)
            case .stableUnhealthy: !(isLongEnough && finding.isStableHealthy)
            case .window: !(isLongEnough && tick.isWindowOpen)
            case .hooks: !tick.hooksPassed
            case .manual, .inconclusive, .tripped, .awaitingApproval, .assignmentBias: true
            }
        }
        guard left != pauses else { return nil }
        pauses = left
        return goOn()
    }

    /// 16a, 16b.
    private mutating func classify(_ tick: Tick) -> [Command]? {
        switch tick.finding.trip {
        case .candidate: return fail(tick.finding)
        case .common:
            pauses.removeAll { $0 == .tripped }
            return pause(.stableUnhealthy)
        case .undecided, nil: return tick.pausedFor >= Self.tripPatience ? fail(tick.finding) : nil
        }
    }

    /// 19. What was decided against the evidence needs a reason.
    mutating func resume(_ reason: String) -> [Command]? {
        let left = pauses.filter { $0 == .awaitingApproval || $0 == .tripped }
        guard phase == .paused, left != pauses else { return nil }
        let needsReason = pauses.contains { $0 == .inconclusive || $0 == .assignmentBias || $0 == .stableUnhealthy }
        if needsReason, reason.allSatisfy(\.isWhitespace) { return nil }
        if pauses.contains(.inconclusive) { extensions += 1 }
        if pauses.contains(.assignmentBias) { isBiasAccepted = true }
        pauses = left
        return goOn()
    }

    /// Where no reason is left: the phase and step before, at their weight.
    private mutating func goOn() -> [Command] {
        guard pauses.isEmpty else { return [] }
        phase = phaseBeforePause ?? .progressing
        phaseBeforePause = nil
        return (weights == dueWeights ? [] : ask(dueWeights)) + [.notify(.init(event: "resumed"))]
    }
}
