import Core

/// One loop's observations of one endpoint, until they are taken; bounded.
struct ReportShard {
    private var current = TrafficReport.Part(release: nil)
    private var closed: [TrafficReport.Part] = []
    private var held = 0

    mutating func add(_ observation: Observation, of release: ReleaseID, limit: Int) {
        open(release)
        guard held < limit else { current.lost += 1; return }
        held += 1
        current.observations.append(observation)
    }

    mutating func add(pairs: [PairedScore], shadow: ShadowOutcome?, of release: ReleaseID, limit: Int) {
        open(release)
        guard held < limit else { current.lost += 1; return }
        held += 1
        current.pairs += pairs
        if let shadow { current.shadows.append(shadow) }
    }

    private mutating func open(_ release: ReleaseID) {
        guard current.release != release else { return }
        if current.release != nil { closed.append(current) }
        // A few releases back at most: what nobody takes is not kept.
        if closed.count > 8 { held -= closed.removeFirst().count }
        current = TrafficReport.Part(release: release)
    }

    mutating func take() -> [TrafficReport.Part] {
        guard current.release != nil else { return [] }
        let parts = closed + [current]
        closed = []
        current = TrafficReport.Part(release: nil)
        held = 0
        return parts
    }
}

extension TrafficReport {
    struct Part {
        var release: ReleaseID?
        var observations: [Observation] = []
        var pairs: [PairedScore] = []
        var shadows: [ShadowOutcome] = []
        var lost = 0
        init(release: ReleaseID?) { self.release = release }
        var count: Int { observations.count + max(pairs.count, shadows.count) }
    }
}
