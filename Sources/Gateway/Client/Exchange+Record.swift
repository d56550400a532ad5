import Core
import NIOCore
import Synchronization

extension Exchange {
    /// Counts the request: for people, for the ledger, and for the statistics.
    func record() {
        let now = lane.now
        var end = RequestEnd()
        end.status = status
        end.duration = Double(now - startedAt) / 1e9
        end.bytesIn = bytesIn
        end.bytesOut = bytesOut
        guard let route, let assigned else {
            lane.meter.withLock { $0.record(end) }
            return
        }
        end.assignedSeries = assigned.series
        end.servingSeries = (serving ?? assigned).series
        end.source = source
        end.retries = retries
        end.isTenant = usesTenantKey
        if isEventStream, lastBodyAt > firstBodyAt { end.longestGap = Double(longestGap) / 1e9 }
        if firstBodyAt > 0, status < 500 { end.ttft = Double(firstBodyAt - startedAt) / 1e9 }
        readTokens(&end)
        if sentAt > 0 { end.overhead = Double(max(0, sentAt - startedAt - queued)) / 1e9 }
        if queued > 0 { end.queued = Double(queued) / 1e9 }
        if sentAt > 0 { end.worked = Double(now - sentAt) / 1e9 }
        let key = Meter.UsageKey(tenant: account?.serial ?? 0, series: end.servingSeries)
        lane.meter.withLock { meter in
            meter.record(end)
            meter.use(key, end, tenant: account?.tenant.name ?? "anonymous", side: serving ?? assigned, endpoint: route.route.endpoint)
        }
        account?.spend(end.inputTokens + end.outputTokens, on: route.route.endpoint, route.route.limits, wall: lane.settings.wallClock)
        if source == .hash, let release = route.route.release { observe(end, route, assigned, release) }
    }

    /// Tokens from the answer's own usage block, else one for each event.
    private func readTokens(_ end: inout RequestEnd) {
        end.inputTokens = usage.inputTokens ?? 0
        end.outputTokens = usage.outputTokens ?? 0
        guard isEventStream, lastBodyAt > firstBodyAt else { return }
        let tokens = usage.outputTokens ?? events.count
        if tokens > 1 { end.tpot = Double(lastBodyAt - firstBodyAt) / 1e9 / Double(tokens - 1) }
    }

    private func observe(_ end: RequestEnd, _ route: EndpointRoute, _ assigned: EndpointRoute.Side, _ release: ReleaseID) {
        let objectives = route.route.objectives
        let hasLeft = isClientGone && firstFailure == nil
        // What a client that left did not wait for: at least this long.
        let censored = hasLeft && firstBodyAt == 0
        let outcome =
            firstFailure
            ?? RequestOutcome(
                status: status, ttft: censored ? end.duration * 1000 : end.ttft.map { $0 * 1000 }, tpot: end.tpot.map { $0 * 1000 },
                duration: end.duration * 1000)
        var (known, bad) = Bits.judge(outcome, objectives)
        if censored { known = bad }
        // A client that leaves in the middle leaves the rest unknown.
        guard known != 0 || !hasLeft else { return }
        let comparable = Bits.comparable(objectives, isLoadEqual: route.shared.isLoadEqual.load(ordering: .relaxed))
        let observation = Observation(
            key: keyHash, hasKey: hasKey, variant: assigned.target.variant, candidateWeight: route.candidateWeight, known: known, bad: bad,
            comparable: comparable, at: lane.now / 1_000_000, took: Milliseconds(end.duration * 1000))
        let limit = max(1, lane.settings.observationLimit / route.shared.shards.count)
        route.shared.shards[lane.index].report.withLock { $0.add(observation, of: release, limit: limit) }
    }
}

/// One bit for each objective, in the route's order.
enum Bits {
    static func judge(_ outcome: RequestOutcome, _ objectives: [Objective]) -> (known: UInt32, bad: UInt32) {
        var known: UInt32 = 0
        var bad: UInt32 = 0
        for (number, objective) in objectives.enumerated() where number < 32 && objective.source == .requests {
            guard let isBad = objective.bad.isBad(outcome) else { continue }
            known |= 1 << UInt32(number)
            if isBad { bad |= 1 << UInt32(number) }
        }
        return (known, bad)
    }

    static func comparable(_ objectives: [Objective], isLoadEqual: Bool) -> UInt32 {
        var bits: UInt32 = .max
        if isLoadEqual { return bits }
        for (number, objective) in objectives.enumerated() where number < 32 && objective.compare == .equalLoad { bits &= ~(1 << UInt32(number)) }
        return bits
    }
}
