import Core

/// The sums that verdicts are computed from: everything of an analysis but which sessions it counted.
struct Evidence: Hashable, Sendable {
    var rules: Rules
    var metrics: [MetricEvidence]
    var assignment = AssignmentCheck()
    var now: Milliseconds
    /// When the last randomised request came.
    var lastData: Milliseconds
    /// Since a restart nothing came yet.
    var needsFresh = false
    var epochEnd: Milliseconds = 0
    var bakeEpochEnd: Milliseconds = 0
    /// The highest weight that a request was assigned with.
    var topWeight = 0
    var trip: Trip?
    var recovery: Recovery?
    /// The metric whose harm was shown; never unlearned.
    var culprit: Int?
    /// Harm was added since it was summed up last.
    var isHarmOpen = false

    init(_ rules: Rules, at now: Milliseconds) {
        self.rules = rules
        self.now = now
        lastData = now
        metrics = rules.metrics.map(MetricEvidence.init)
        epochEnd = Self.end(of: Epoch.short, at: now)
        bakeEpochEnd = Self.end(of: Epoch.long, at: now)
    }

    static func end(of length: Milliseconds, at time: Milliseconds) -> Milliseconds { (time / length + 1) * length }

    // MARK: what is observed

    mutating func hear(at time: Milliseconds) {
        roll(to: time)
        now = max(now, time)
        lastData = max(lastData, time)
        needsFresh = false
    }

    mutating func assign(weight: Int, candidate: Double, stable: Double, began: Milliseconds) {
        if weight > topWeight { rise(to: weight) }
        assignment.add(weight: weight, candidate: candidate, stable: stable, began: began, now: now)
    }

    /// Whole units of one metric. `isAbsolute`: they also speak for the absolute tests.
    mutating func count(_ j: Int, _ sides: Sides, weight: Int, isAbsolute: Bool, isGuarded: Bool, at time: Milliseconds) {
        metrics[j].see(sides)
        if isAbsolute { metrics[j].addWhole(sides.candidate) }
        guard isGuarded else { return }
        metrics[j].watch(sides, isBaking: weight >= rules.bakeWeight)
        if metrics[j].sudden.cares(about: sides.candidate) { metrics[j].watchSudden(sides.candidate, rules.metrics[j].guardTest, at: time) }
        if sides.stable.units > 0, trip?.metric == j { trip?.see(sides.stable, at: time) }
    }

    mutating func compare(_ j: Int, candidate: Double, stable: Double, weight: Int) {
        isHarmOpen = true
        metrics[j].compare(candidate: candidate, stable: stable, weight: probability(j, weight), rules.metrics[j])
    }

    mutating func add(share: Double, to j: Int) { metrics[j].add(share: share, rules.metrics[j]) }

    mutating func add(shadow: Count, to j: Int) { metrics[j].addShadow(shadow) }

    mutating func add(_ score: PairedScore) {
        guard metrics.indices.contains(score.objective), score.stable.isFinite, score.candidate.isFinite else { return }
        isHarmOpen = true
        metrics[score.objective].add(stable: score.stable, candidate: score.candidate, rules.metrics[score.objective])
    }

    /// The candidate's probability among the units that may be compared: a metric compared under
    /// equal load looks at candidate and control alone, where there is a control.
    private func probability(_ j: Int, _ weight: Int) -> Double {
        let w = Double(weight) / 10_000
        guard rules.hasControl, rules.metrics[j].needsEqualLoad else { return w }
        return w / (w + min(w, 1 - w))
    }

    /// Whether a unit of this side may enter the comparison of metric j.
    func isComparable(_ j: Int, _ variant: Variant, weight: Int, bits: UInt32) -> Bool {
        guard rules.metrics[j].needsEqualLoad else { return true }
        guard bits >> UInt32(j) & 1 == 1 else { return false }
        return !rules.hasControl || variant != .stable || weight >= 5000
    }

    mutating func exchange(_ notes: inout Notes) {
        rules.exchange(&notes)
        notes.label("clock")
        notes.count(&now)
        notes.count(&lastData)
        notes.flag(&needsFresh)
        notes.flag(&isHarmOpen)
        notes.count(&epochEnd)
        notes.count(&bakeEpochEnd)
        notes.count(&topWeight)
        notes.label("assignment")
        assignment.exchange(&notes)
        notes.label("trip")
        notes.maybe(&trip, of: Trip()) { $0.exchange(&$1) }
        notes.maybe(&recovery, of: Recovery()) { $0.exchange(&$1) }
        notes.maybe(&culprit, of: 0) { $1.count(&$0) }
        notes.list(&metrics, of: MetricEvidence()) { $0.exchange(&$1) }
    }
}
