import Core

// While the candidate carries traffic. The order is that of verdicts: a tripped guard, harm, uneven
// assignment, no data; only then whether the step may be left.

extension Release {
    mutating func progress(_ tick: Tick) -> [Command]? {
        let finding = tick.finding
        if let stop = heed(finding) { return stop }
        let steps = spec.steps
        guard steps.indices.contains(step) else { return nil }
        let current = steps[step]
        let isLast = step == steps.count - 1
        // 15. A step that sends the candidate nothing cannot lack data.
        if !finding.hasData, !current.isSilent { return pause(.noData) }

        let isDue = isRouteApplied && tick.stepObserved >= current.minObserved
        let isProven = isLast && spec.strategy.kind != .blueGreen ? finding.verdict == .pass : finding.isGateOpen
        let isSpent = tick.totalObserved >= spec.strategy.maxObserved * Milliseconds(1 + extensions)
        // 14. At the end of its time only a verdict counts, not one more step.
        guard isDue, isProven, isLast || !isSpent else { return isSpent ? endInconclusive() : nil }
        if !tick.isWindowOpen { return pause(.window) }
        if !current.hooks.isEmpty, !tick.hooksPassed { return pause(.hooks) }
        // 11.
        if current.approval != nil, !isStepApproved { return awaitApproval() }
        return leaveStep()
    }

    /// 16, 17, 22; nil where nothing is wrong.
    private mutating func heed(_ finding: Finding) -> [Command]? {
        switch finding.verdict {
        case .guardTripped: trip(finding)
        case .fail: fail(finding)
        case .assignmentBias where !isBiasAccepted: pause(.assignmentBias)
        case .assignmentBias, .noData, .pass, .inconclusive: nil
        }
    }

    /// 10, 12, 20.
    mutating func leaveStep() -> [Command] {
        approvals = []
        isStepApproved = false
        awaitingSince = nil
        phaseBeforePause = nil
        let steps = spec.steps
        guard steps.indices.contains(step + 1) else { return spec.strategy.kind == .shadow ? endShadow() : enterBake() }
        phase = .progressing
        step += 1
        return ask(spec.weights(of: steps[step])) + [.notify(.init(event: "step", reason: "\(step + 1) of \(steps.count)"))]
    }

    /// 12, 26.
    mutating func enterBake() -> [Command] {
        phase = .baking
        pauses = []
        phaseBeforePause = nil
        awaitingSince = nil
        return ask(spec.bakeWeights) + [.notify(.init(event: "baking"))]
    }

    /// 27. What succeeded before need not be proven again by traffic.
    mutating func bake(_ tick: Tick) -> [Command]? {
        if let stop = heed(tick.finding) { return stop }
        guard isRouteApplied, tick.bakeObserved >= spec.strategy.bake.duration, tick.finding.hasData || spec.kind == .rollback else { return nil }
        return complete()
    }

    /// 22.
    mutating func fail(_ finding: Finding) -> [Command] {
        hasFailed = true
        return rollBack("analysis-failed", finding.explanation)
    }

    private mutating func endInconclusive() -> [Command] {
        switch spec.strategy.onInconclusive {
        case .pause: pause(.inconclusive)
        case .rollback: rollBack("inconclusive", "no verdict within the observed time allowed")
        }
    }
}
