import Core

// From submission to the first request.

extension Release {
    /// 1. A rollback to a backend that still runs goes live at once.
    mutating func submit(isWarm: Bool) -> [Command]? {
        guard phase == .pending, generation == 0 else { return nil }
        guard isWarm, spec.kind == .rollback else { return [] }
        prepared = Prepared(isReady: true, isWarm: true, isChecked: true)
        return [.notify(.init(event: "started"))] + goLive()
    }

    /// 2.
    mutating func begin(_ tick: Tick) -> [Command]? {
        guard generation > 0, tick.mayBegin, tick.isWindowOpen else { return nil }
        phase = .preparing
        return preparation + [.notify(.init(event: "started"))]
    }

    /// Where both versions do not fit, stable makes room first.
    var preparation: [Command] { (isRecreating ? [.clearStable] : []) + [.prepareCandidate] }

    var isRecreating: Bool { spec.strategy.kind == .recreate && spec.from != nil }

    /// 6.
    mutating func prepare(_ part: WritableKeyPath<Prepared, Bool>) -> [Command]? {
        guard phase == .preparing, !prepared[keyPath: part] else { return nil }
        prepared[keyPath: part] = true
        return prepared.isReady && prepared.isWarm && prepared.isChecked ? goLive() : []
    }

    private mutating func goLive() -> [Command] {
        // Nothing serves yet: there is nothing to compare with and nothing to go back to.
        if spec.from == nil { return complete() }
        guard let first = spec.steps.first else { return enterBake() }
        phase = .progressing
        step = 0
        return ask(spec.weights(of: first)) + [.notify(.init(event: "step", reason: "1 of \(spec.steps.count)"))]
    }

    /// 7.
    mutating func failPreparing(_ code: String, _ message: String) -> [Command]? {
        guard phase == .preparing else { return nil }
        return end(.failed, code, message)
    }

    /// 5.
    mutating func missDeadline() -> [Command]? {
        guard phase == .pending else { return nil }
        return end(.failed, "not-scheduled", "nothing let it begin in time: another release, the window or the memory")
    }

    /// 3, 4, 5, 7, 8: before any traffic, so that ending it is a matter of stopping replicas.
    mutating func end(_ last: Phase, _ code: String, _ message: String) -> [Command] {
        let hadBegun = phase == .preparing
        phase = last
        outcome = Outcome(code: code, message: message)
        var commands: [Command] = []
        if hadBegun { commands.append(.stop(.candidate)) }
        if hadBegun, isRecreating { commands.append(.restoreStable) }
        return commands + [.releaseBlobs, .notify(.init(event: last.rawValue, reason: code))]
    }
}
