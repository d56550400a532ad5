import Core

// Each event is handled in one place, for every phase. Numbers in the comments of these files are
// the transitions of Docs/RELEASES.md. Nil from a handler: the event changes nothing here.

extension Release {
    /// One stored event in, the commands that follow from it out. No clock, no I/O, no randomness:
    /// the same events always replay to the same release. Total: what comes late, early or twice
    /// has no effect (32). `generation` counts the events that had one.
    package mutating func reduce(_ event: Event) -> [Command] {
        guard !phase.isTerminal, let commands = react(to: event) else { return [] }
        generation += 1
        return commands
    }

    private mutating func react(to event: Event) -> [Command]? {
        switch event {
        case .submitted(let isWarm): submit(isWarm: isWarm)
        case .tick(let tick): take(tick)
        case .replicasReady: prepare(\.isReady)
        case .warmupPassed: prepare(\.isWarm)
        case .goldenPassed: prepare(\.isChecked)
        case .digestMismatch(let message): failPreparing("digest-mismatch", message)
        case .startFailed(let message): failPreparing("start-failed", message)
        case .readyDeadline: failPreparing("ready-deadline", "no replica was ready in time")
        case .warmupFailed(let message): failPreparing("warmup-failed", message)
        case .goldenFailed(let message): failPreparing("golden-failed", message)
        case .pendingDeadline: missDeadline()
        case .routeApplied(let generation): confirmRoute(generation)
        case .drainDone, .drainDeadline: finishDraining()
        case .candidateUnhealthy(let message): isCompared ? rollBack("backend-failed", message) : nil
        case .pause: pauseByHand()
        case .resume(let reason): resume(reason)
        case .approve(let approval): approve(approval)
        case .reject(let reason): pauses.contains(.awaitingApproval) ? rollBack("rejected", reason) : nil
        case .promote(let reason): promote(reason)
        case .abort(let reason): abort(reason)
        case .superseded(let newer): supersede(by: newer)
        // Observed time is counted by ticks and does not jump; windows come with the next tick.
        case .clockJumped: nil
        case .controllerStarted: startOver()
        }
    }

    private mutating func take(_ tick: Tick) -> [Command]? {
        switch phase {
        case .pending: begin(tick)
        case .progressing: progress(tick)
        case .paused: wait(tick)
        case .baking: bake(tick)
        case .preparing, .completing, .rollingBack, .succeeded, .rolledBack, .failed, .canceled, .superseded: nil
        }
    }
}

// MARK: routes

extension Release {
    /// Asks for a route of these weights, and knows until told that it is not in effect.
    mutating func ask(_ new: Command.Weights) -> [Command] {
        weights = new
        isRouteApplied = false
        routeFloor += 1
        return [.route(new)]
    }

    /// What this phase and step are to carry.
    var dueWeights: Command.Weights {
        if phase == .baking { return spec.bakeWeights }
        let steps = spec.steps
        return steps.indices.contains(step) ? spec.weights(of: steps[step]) : .none
    }

    /// 9, 28, 29. The caller reports the endpoint's newest route alone; a generation older than
    /// what is in effect already, or than what was asked for, is another route's.
    private mutating func confirmRoute(_ generation: Int64) -> [Command]? {
        guard generation >= routeFloor, !isRouteApplied || generation > routeFloor else { return nil }
        let wasApplied = isRouteApplied
        routeFloor = generation
        isRouteApplied = true
        if wasApplied { return [] }
        switch phase {
        case .completing: return completeRoute()
        case .rollingBack: return [.drain(.candidate)]
        case .pending, .preparing, .progressing, .paused, .baking, .succeeded, .rolledBack, .failed, .canceled, .superseded: return []
        }
    }

    /// 31. The route in effect is applied again before anything else, and no step is taken before
    /// that is known; a preparation starts over.
    private mutating func startOver() -> [Command]? {
        switch phase {
        case .preparing:
            prepared = Prepared()
            return preparation
        case .progressing, .paused, .baking, .completing, .rollingBack:
            guard isRouteApplied else { return nil }
            isRouteApplied = false
            return []
        case .pending, .succeeded, .rolledBack, .failed, .canceled, .superseded: return nil
        }
    }
}
