/// Do the sides get the shares of traffic that their weights promise? One process for each weight,
/// averaged over the weights that a release is expected to have (design 6.8).
struct AssignmentCheck: Hashable, Sendable {
    private(set) var segments: [Segment] = []
    /// Requests assigned lately: looked at once those of the slower side had time to end as well.
    private var recent: [Slot] = []
    /// Weights beyond this many are not checked.
    private static let most = 64

    struct Segment: Hashable, Sendable {
        /// Basis points.
        var weight = 0
        var candidate = 0.0
        var stable = 0.0
        /// As of the last `settle`.
        fileprivate(set) var settled = 0.0
        fileprivate(set) var isOpen = false

        /// ln of B(kw + n_c, k(1-w) + n_s) / (B(kw, k(1-w)) w^n_c (1-w)^n_s), k = 100.
        fileprivate var evidence: Double {
            let w = Double(weight) / 10_000
            let prior = (100 * w, 100 * (1 - w))
            return finite(
                logBeta(prior.0 + candidate, prior.1 + stable) - logBeta(prior.0, prior.1) - candidate * ln(w) - stable * ln(1 - w))
        }
    }

    struct Slot: Hashable, Sendable {
        var end: Int64 = 0
        var weight = 0
        var candidate = 0.0
        var stable = 0.0
    }
    /// How long after the end of its 30 s a slot is looked at.
    static let patience: Int64 = 60_000

    mutating func add(weight: Int, candidate: Double, stable: Double, began: Int64, now: Int64) {
        // A side that gets everything cannot get more than its share.
        guard weight > 0, weight < 10_000 else { return }
        let end = (began / Epoch.short + 1) * Epoch.short
        if end + Self.patience <= now {
            count(weight: weight, candidate: candidate, stable: stable)
        } else if let known = recent.indices.last(where: { recent[$0].end == end && recent[$0].weight == weight }) {
            recent[known].candidate += candidate
            recent[known].stable += stable
        } else if recent.count < Self.most {
            recent.append(Slot(end: end, weight: weight, candidate: candidate, stable: stable))
        }
    }

    private mutating func count(weight: Int, candidate: Double, stable: Double) {
        if let last = segments.indices.last(where: { segments[$0].weight == weight }) {
            segments[last].candidate += candidate
            segments[last].stable += stable
            segments[last].isOpen = true
        } else if segments.count < Self.most {
            segments.append(Segment(weight: weight, candidate: candidate, stable: stable, isOpen: true))
        }
    }

    /// Brings the evidence of what was added up to date: with every tick, not with every request.
    mutating func settle(at now: Int64) {
        if recent.contains(where: { $0.end + Self.patience <= now }) {
            for slot in recent where slot.end + Self.patience <= now { count(weight: slot.weight, candidate: slot.candidate, stable: slot.stable) }
            recent.removeAll { $0.end + Self.patience <= now }
        }
        for i in segments.indices where segments[i].isOpen {
            segments[i].settled = segments[i].evidence
            segments[i].isOpen = false
        }
    }

    /// `planned`: how many weights there will be; one that has not begun counts as 1.
    func evidence(planned: Int) -> Double {
        var mean = LogMean()
        for segment in segments { mean.add(segment.settled) }
        for _ in segments.count..<max(planned, segments.count) { mean.add(0) }
        return segments.isEmpty ? 0 : mean.value
    }

    /// At 10,000 assignment is held to be uneven.
    static let limit = 9.210340371976184

    var isSound: Bool {
        segments.allSatisfy { (0...10_000).contains($0.weight) }
            && recent.allSatisfy { (0...10_000).contains($0.weight) && abs($0.end / 2) < 1 << 60 }
    }

    /// After a restart the clock may be another one, and what was in flight never ended: of the
    /// slower side more than of the other.
    mutating func restart() { recent = [] }

    mutating func exchange(_ notes: inout Notes) {
        notes.list(&recent, of: Slot()) { slot, notes in
            notes.count(&slot.end)
            notes.count(&slot.weight)
            notes.number(&slot.candidate)
            notes.number(&slot.stable)
        }
        notes.list(&segments, of: Segment()) { segment, notes in
            notes.count(&segment.weight)
            notes.number(&segment.candidate)
            notes.number(&segment.stable)
            notes.number(&segment.settled)
            notes.flag(&segment.isOpen)
        }
    }
}
