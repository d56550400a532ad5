import Core
import Release

extension BackendMachine {
    /// What the world said about this backend's files and processes.
    mutating func hear(_ event: Event, at now: Milliseconds, _ actions: inout [Action]) {
        switch event {
        case .materialised(let of) where material == .making(round: of):
            material = .there
            // Asked for again while it was being made: once more, verified.
            if of != round, preparing != nil { material = .missing(notBefore: now) }
        case .notMaterialised(let of, let isDamage, let text) where material == .making(round: of):
            material = .missing(notBefore: now + runtime.restart.longestDelay)
            noteDown(at: now)
            for i in slots.indices { slots[i].note = text }
            if isDamage {
                fail(.digestMismatch, text, at: now, &actions)
            } else if slots.isEmpty || countFailure(0, at: now) >= runtime.restart.attempts {
                fail(.startFailed, text, at: now, &actions)
            } else {
                material = .missing(notBefore: now + delay(after: slots[0].failures))
            }
        case .launched(let i, let run, let pid, let address) where isCurrent(i, run):
            slots[i].pid = pid
            slots[i].address = address
        case .notLaunched(let i, let run, let text) where isCurrent(i, run):
            lose(i, ExitFacts(text: text), at: now, &actions)
        case .answers(let i, let run) where isCurrent(i, run) && (slots[i].phase == .starting || slots[i].phase == .silent):
            enter(i, .ready, at: now)
            downSince = nil
            isDownReported = false
            reportReady(&actions)
        case .silent(let i, let run, let text) where isCurrent(i, run) && slots[i].phase == .ready:
            enter(i, .silent, note: text, at: now)
            noteDown(at: now)
        case .exited(let i, let run, let facts) where isCurrent(i, run): lose(i, facts, at: now, &actions)
        default: hearPreparation(event, at: now, &actions)
        }
    }

    private func isCurrent(_ slot: Int, _ run: Int) -> Bool { slots.indices.contains(slot) && slots[slot].run == run }

    mutating func enter(_ i: Int, _ phase: Phase, note: String = "", at now: Milliseconds) {
        slots[i].phase = phase
        slots[i].note = note
        slots[i].since = now
    }

    /// A process is gone.
    private mutating func lose(_ i: Int, _ facts: ExitFacts, at now: Milliseconds, _ actions: inout [Action]) {
        let was = slots[i].phase
        let wasFailing = slots[i].isFailing
        if was == .ready, now - slots[i].since >= settings.healthyAfter { slots[i].failures = 0 }
        slots[i].isFailing = false
        slots[i].pid = nil
        slots[i].address = nil
        if was == .ending, !wasFailing { return enter(i, .idle(notBefore: now), at: now) }
        // What ended it stays the note where we ended it ourselves, because it did not answer.
        let text = was == .ending ? slots[i].note : facts.text
        slots[i].restarts += 1
        if facts.isPortTaken, was == .starting, slots[i].portsTaken < 3 {
            slots[i].portsTaken += 1
            return enter(i, .idle(notBefore: now), note: text, at: now)
        }
        let failures = countFailure(i, at: now)
        enter(i, .idle(notBefore: now + delay(after: failures)), note: text, at: now)
        noteDown(at: now)
        if isOnTrial, failures >= runtime.restart.attempts {
            let times = failures == 1 ? "" : " (\(failures) starts)"
            fail(facts.isOutOfMemory ? .outOfMemory : .startFailed, "replica \(i)\(times): \(text)", at: now, &actions)
        }
    }

    private mutating func countFailure(_ i: Int, at now: Milliseconds) -> Int {
        slots[i].failures += 1
        return slots[i].failures
    }

    /// Doubles with each failure in a row.
    func delay(after failures: Int) -> Milliseconds {
        let factor = Int64(1) << Int64(min(max(failures - 1, 0), 20))
        return min(runtime.restart.firstDelay.multipliedReportingOverflow(by: factor).partialValue, runtime.restart.longestDelay)
    }

    private mutating func noteDown(at now: Milliseconds) {
        if goal == .run, readyAddresses.isEmpty, downSince == nil { downSince = now }
    }

    mutating func watchDeadlines(at now: Milliseconds, _ actions: inout [Action]) {
        for i in slots.indices {
            let waited = now - slots[i].since
            switch slots[i].phase {
            case .starting where waited >= runtime.readiness.deadline:
                let text = "it did not answer GET \(runtime.readiness.path) within \(runtime.readiness.deadline / 1000) s"
                if isOnTrial { return fail(.readyDeadline, "replica \(i): \(text)", at: now, &actions) }
                noteDown(at: now)
                endFailing(i, text, at: now, &actions)
            case .silent where waited >= settings.hungAfter: endFailing(i, "it runs but does not answer: \(slots[i].note)", at: now, &actions)
            default: break
            }
        }
    }

    /// Nothing of an external server is ours to end.
    private mutating func endFailing(_ i: Int, _ text: String, at now: Milliseconds, _ actions: inout [Action]) {
        if isExternal { return slots[i].note = text }
        slots[i].isFailing = true
        enter(i, .ending, note: text, at: now)
        actions.append(.end(slot: i, run: slots[i].run))
    }

    mutating func watchHealth(at now: Milliseconds, _ actions: inout [Action]) {
        guard isServable, !isDownReported, let since = downSince, now - since >= runtime.readiness.grace else { return }
        isDownReported = true
        let why = slots.map(\.note).first { !$0.isEmpty } ?? "no replica answers"
        actions.append(.report(.unhealthy(order.backend, "no ready replica for \((now - since) / 1000) s: \(why)")))
    }
}
