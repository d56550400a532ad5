import Core

// The ways out. Back is always to the endpoint's `stable`, never to an earlier candidate.

extension Release {
    /// 21 to 25.
    mutating func rollBack(_ code: String, _ message: String) -> [Command] {
        phase = .rollingBack
        outcome = Outcome(code: code, message: message)
        pauses = []
        phaseBeforePause = nil
        awaitingSince = nil
        return (isRecreating ? [.restoreStable] : []) + ask(.none) + [.notify(.init(event: "rolling-back", reason: code))]
    }

    /// 3, 8, 24. After `stable` has moved there is nothing to abort: going back is a release of its own.
    mutating func abort(_ reason: String) -> [Command]? {
        switch phase {
        case .pending, .preparing: end(.canceled, "aborted", reason)
        case .progressing, .paused, .baking: rollBack("aborted", reason)
        case .completing, .rollingBack, .succeeded, .rolledBack, .failed, .canceled, .superseded: nil
        }
    }

    /// 4, 8, 25.
    mutating func supersede(by newer: ReleaseID) -> [Command]? {
        switch phase {
        case .pending, .preparing: end(.superseded, "superseded", "by \(newer)")
        case .progressing, .paused, .baking: rollBack("superseded", "by \(newer)")
        case .completing, .rollingBack, .succeeded, .rolledBack, .failed, .canceled, .superseded: nil
        }
    }

    /// 27. The one moment at which `stable` moves.
    mutating func complete() -> [Command] {
        phase = .completing
        return [.moveStable] + ask(Command.Weights(candidate: TrafficRoute.whole)) + [.notify(.init(event: "completing"))]
    }

    /// A shadow release that passed: succeeded, and `stable` stays where it was.
    mutating func endShadow() -> [Command] {
        phase = .completing
        outcome = Outcome(code: "shadow-passed", message: "every metric passed on shadowed requests; nothing went live")
        return ask(.none)
    }

    private var isShadow: Bool { outcome?.code == "shadow-passed" }

    /// 28. Where nothing has to be drained, the route in effect is the end.
    mutating func completeRoute() -> [Command] {
        if isShadow { return [.drain(.candidate)] }
        if spec.from == nil || isRecreating || spec.strategy.keepsPrevious { return succeed() }
        return [.drain(.previous)]
    }

    /// 28, 30.
    mutating func finishDraining() -> [Command]? {
        guard isRouteApplied else { return nil }
        switch phase {
        case .completing: return succeed()
        case .rollingBack:
            phase = .rolledBack
            return [.stop(.candidate), .releaseBlobs, .notify(.init(event: "rolled-back", reason: outcome?.code ?? ""))]
        case .pending, .preparing, .progressing, .paused, .baking, .succeeded, .rolledBack, .failed, .canceled, .superseded: return nil
        }
    }

    private mutating func succeed() -> [Command] {
        let wasShadow = isShadow
        phase = .succeeded
        // From here on the endpoint's own route carries it.
        weights = .none
        if outcome == nil { outcome = Outcome(code: "succeeded", message: "") }
        let cleaning: [Command]
        if wasShadow {
            cleaning = [.stop(.candidate), .releaseBlobs]
        } else if spec.from == nil || spec.strategy.keepsPrevious {
            cleaning = []
        } else {
            cleaning = [.stop(.previous)]
        }
        return cleaning + [.notify(.init(event: "succeeded", reason: outcome?.code ?? ""))]
    }
}
