import Core
import Release

extension BackendMachine {
    /// An order may come again at any time; the same once more changes nothing that serves.
    mutating func take(_ order: BackendOrder, at now: Milliseconds, _ actions: inout [Action]) {
        let isRepeated = preparing != nil && order.preparation == self.order.preparation && goal == .run
        replace(order)
        if isRepeated { return }
        if case .drain = goal { announced = nil }
        hasEnded = false
        isReadyReported = false
        settlingSince = nil
        if order.preparation != nil {
            goal = .run
            failure = nil
            demandAt = now
            prepare(at: now)
        } else {
            preparing = nil
            failure = nil
            isServable = true
            let isCold = slots.allSatisfy { if case .idle = $0.phase { true } else { false } }
            goal = mayRest && isCold ? .rest : .run
            if goal == .run { demandAt = now }
            for i in slots.indices { slots[i] = forgiven(slots[i]) }
        }
        reportReady(&actions)
    }

    /// Everything from the beginning: verified files, all replicas ready, warmed, checked. What serves already goes on.
    private mutating func prepare(at now: Milliseconds) {
        round += 1
        preparing = .starting
        if material == .there, !isExternal { material = .missing(notBefore: now) }
        if case .missing = material { material = .missing(notBefore: now) }
        for i in slots.indices { slots[i] = forgiven(slots[i]) }
    }

    private func forgiven(_ slot: Slot) -> Slot {
        var slot = slot
        slot.failures = 0
        slot.portsTaken = 0
        if case .idle = slot.phase { slot.phase = .idle(notBefore: 0) }
        return slot
    }

    /// Many waiting requests are one start.
    mutating func wake(at now: Milliseconds) {
        demandAt = now
        settlingSince = nil
        if goal == .rest, failure == nil { goal = .run }
    }

    mutating func finish(_ goal: Goal) {
        self.goal = goal
        preparing = nil
        round += 1
    }

    mutating func drain(deadline: Milliseconds, at now: Milliseconds, _ actions: inout [Action]) {
        if goal == .end { return }
        if case .drain = goal { return }
        settlingSince = nil
        preparing = nil
        if slots.contains(where: { $0.phase == .ready }) {
            goal = .drain(since: now, deadline: now + deadline)
        } else {
            goal = .rest
            announced = []
            actions.append(.report(.serving(order.backend, [])))
            actions.append(.report(.drained(order.backend, atDeadline: false)))
        }
    }

    mutating func tick(inFlight: Int, lastRequest: Milliseconds?, at now: Milliseconds, _ actions: inout [Action]) {
        if case .drain(let since, let deadline) = goal, now - since >= settings.settle || now >= deadline {
            let isIdle = inFlight == 0
            if isIdle || now >= deadline {
                goal = .rest
                announce(&actions)
                actions.append(.report(.drained(order.backend, atDeadline: !isIdle)))
            }
        }
        guard goal == .run else { return }
        watchDeadlines(at: now, &actions)
        watchHealth(at: now, &actions)
        considerRest(inFlight: inFlight, lastRequest: lastRequest, at: now)
    }

    /// Two steps, so that a request that arrives at the same moment is not cut off: first its replicas take no
    /// more requests, then, if none came meanwhile, they are ended.
    private mutating func considerRest(inFlight: Int, lastRequest: Milliseconds?, at now: Milliseconds) {
        guard mayRest, let rule = runtime.scaleToZero else { return settlingSince = nil }
        let wanted = max(lastRequest ?? 0, demandAt ?? 0)
        if let since = settlingSince {
            guard now - since >= settings.settle else { return }
            if inFlight == 0, wanted <= since { goal = .rest }
            return settlingSince = nil
        }
        if isAllReady {
            let ready = slots.map(\.since).max() ?? now
            if inFlight == 0, now - max(wanted, ready) >= rule.idle, now - ready >= rule.minResident { settlingSince = now }
        } else if downSince != nil, readyAddresses.isEmpty, now - wanted >= max(rule.idle, rule.minResident) {
            // It does not start, and nobody has asked for it since: no use in trying on.
            goal = .rest
        }
    }
}
