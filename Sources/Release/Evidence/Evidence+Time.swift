import Core

// Epochs, trips and what a clock brings.

extension Evidence {
    /// A weight not seen before is watched afresh: what it does begins with it.
    mutating func rise(to weight: Int) {
        topWeight = weight
        for j in metrics.indices {
            metrics[j].restartEpoch()
            metrics[j].begin(planned: rules.weightCount)
        }
    }

    /// `isLive` is false while no route of the release is in effect: silence is no news then.
    mutating func advance(to time: Milliseconds, isLive: Bool) {
        roll(to: time)
        now = max(now, time)
        if !isLive { lastData = now }
        watch()
        if let known = trip, known.cause == .common, now >= known.decidedAt + Trip.memory { trip = nil }
        if isHarmOpen {
            isHarmOpen = false
            if culprit == nil, failEvidence >= rules.failLimit { culprit = largestHarm }
        }
        assignment.settle(at: now)
    }

    mutating func roll(to time: Milliseconds) {
        if time >= epochEnd {
            watch()
            recover()
            for j in metrics.indices { metrics[j].endEpoch() }
            epochEnd = Self.end(of: Epoch.short, at: time)
        }
        if time >= bakeEpochEnd {
            watch()
            for j in metrics.indices { metrics[j].endBakeEpoch(rules.metrics[j]) }
            bakeEpochEnd = Self.end(of: Epoch.long, at: time)
        }
    }

    private mutating func recover() {
        guard let metric = recovery?.metric, recovery?.isSick == true else { return }
        recovery?.close(metrics[metric].epoch.stable)
        guard recovery?.isSick == false else { return }
        for j in metrics.indices {
            metrics[j].restartEpoch()
            metrics[j].forgetSudden()
        }
    }

    /// Looks whether a guard trips, and why one did.
    private mutating func watch() {
        // While stable is sick the candidate has no weight; what still comes of it was sent before.
        if trip == nil, recovery?.isSick != true {
            for (j, rule) in rules.metrics.enumerated() where rule.isGuarded && trip == nil && metrics[j].mayTrip(rule) {
                if metrics[j].guardEvidence(rule) >= rule.guardLimit || metrics[j].sudden.evidence >= rule.suddenLimit {
                    begin(j, limit: rule.hardLimit, before: metrics[j].epoch.stable, epochEnd: epochEnd, end: epochEnd + Epoch.short)
                } else if metrics[j].bakeGuardEvidence() >= rule.bakeGuardLimit {
                    begin(j, limit: metrics[j].bakeLimit, before: metrics[j].bakeEpoch.stable, epochEnd: now, end: now + 2 * Epoch.short)
                }
            }
        }
        trip?.decide(at: now)
        if let trip, trip.cause == .common, recovery == nil || trip.decidedAt == now { recovery = Recovery(metric: trip.metric, limit: trip.limit) }
    }

    private mutating func begin(_ j: Int, limit: Double, before: Count, epochEnd: Milliseconds, end: Milliseconds) {
        for i in metrics.indices { metrics[i].forgetSudden() }
        trip = Trip(metric: j, at: now, limit: limit, before: before, epochEnd: epochEnd, end: end)
    }

    /// After loading. What was open is given up; a trip is explained by what comes now.
    mutating func restart(at time: Milliseconds) {
        now = time
        lastData = time
        needsFresh = true
        assignment.restart()
        epochEnd = Self.end(of: Epoch.short, at: time)
        bakeEpochEnd = Self.end(of: Epoch.long, at: time)
        for j in metrics.indices {
            metrics[j].restartEpoch()
            metrics[j].forgetSudden()
            metrics[j].endBakeEpoch(rules.metrics[j])
        }
        if trip?.cause == .undecided {
            trip?.epochEnd = time
            trip?.end = time + Epoch.short
        }
        let decided = min(trip?.decidedAt ?? time, time)
        trip?.decidedAt = decided
    }
}
