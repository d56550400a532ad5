/// What was seen of one metric, as sums.
struct MetricEvidence: Hashable, Sendable {
    /// Every unit, for people and for the bake guard's limit.
    private(set) var seen = Sides()
    private(set) var harm = HarmTest()
    /// That the candidate is less than `relativeLimit` times as bad.
    private(set) var safety = 0.0
    /// The same for the looser ratio of each gate.
    private(set) var gates: [Double] = []
    /// The candidate's units of the absolute tests: whole ones, and sums for shares between.
    private(set) var whole = Count()
    private(set) var sloSums: [Double] = []
    private(set) var gateSums: [[Double]] = []
    private(set) var shadow = Count()
    /// This epoch's units, counted afresh: 30 s, and 5 min while it bakes.
    private(set) var epoch = Sides()
    private(set) var bakeEpoch = Sides()
    private(set) var sudden = SuddenGuard()
    /// Short epochs that the candidate's units have been kept for.
    private var epochsKept = 0
    /// The limit of the bake guard, fixed when its epoch began.
    private(set) var bakeLimit = 0.8
    private(set) var paired = PairedTest()

    init() {}
    init(_ rule: MetricRule) {
        gates = [Double](repeating: 0, count: rule.gates.count)
        gateSums = [[Double]](repeating: [], count: rule.gates.count)
        bakeLimit = bakeLimit(rule)
    }

    /// Bad units enter the relative tests, at the probability with which they were assigned.
    mutating func compare(candidate: Double, stable: Double, weight: Double, _ rule: MetricRule) {
        guard weight > 0, weight < 1, candidate + stable > 0 else { return }
        harm.add(candidate: candidate, stable: stable, weight: weight)
        safety = finite(safety + RelativeTest(ratio: rule.relativeLimit, weight: weight).safety(candidate: candidate, stable: stable))
        for step in gates.indices {
            let test = RelativeTest(ratio: rule.gateRatio(step), weight: weight)
            gates[step] = finite(gates[step] + test.safety(candidate: candidate, stable: stable))
        }
    }

    mutating func see(_ sides: Sides) { seen += sides }

    /// Units that the guards count.
    mutating func watch(_ sides: Sides, isBaking: Bool) {
        epoch += sides
        if isBaking { bakeEpoch += sides }
    }
    mutating func watchSudden(_ candidate: Count, _ test: AbsoluteTest, at time: Int64) { sudden.see(candidate, test, at: time) }

    /// Stable's units are counted by the clock; the candidate's at least until there are some to
    /// judge, so that little traffic is not cut into nothing.
    mutating func endEpoch() {
        epochsKept += 1
        epoch.stable = Count()
        if epoch.candidate.units >= 20 || epoch.candidate.units == 0 || epochsKept >= 10 { restartEpoch() }
    }
    mutating func restartEpoch() {
        epoch = Sides()
        epochsKept = 0
    }
    mutating func endBakeEpoch(_ rule: MetricRule) {
        bakeEpoch = Sides()
        bakeLimit = bakeLimit(rule)
    }
    mutating func forgetSudden() { sudden = SuddenGuard() }

    /// The weight rose.
    mutating func begin(planned: Int) { harm.begin(planned: planned) }
    mutating func addWhole(_ units: Count) { whole += units }
    mutating func addShadow(_ units: Count) { shadow += units }

    /// A session of the candidate of which this share of requests was bad.
    mutating func add(share: Double, _ rule: MetricRule) {
        if share == 0 || share == 1 {
            whole += Count(units: 1, bad: share)
        } else {
            rule.sloTest.add(share: share, to: &sloSums)
            for step in gateSums.indices { rule.gateTests[step].add(share: share, to: &gateSums[step]) }
        }
    }

    mutating func add(stable: Double, candidate: Double, _ rule: MetricRule) {
        paired.add(stable: stable, candidate: candidate, margin: rule.margin)
    }

    mutating func expectSafety(_ log: Double) { paired.expect(safety: log) }

    /// Three times what stable had so far in this release, never below twice the objective; high
    /// while little is known of stable.
    func bakeLimit(_ rule: MetricRule) -> Double {
        min(max(2 * rule.slo, 3 * (seen.stable.bad + 1) / (seen.stable.units + 1)), 0.8)
    }

    mutating func exchange(_ notes: inout Notes) {
        notes.label("metric")
        seen.exchange(&notes)
        harm.exchange(&notes)
        notes.number(&safety)
        notes.numbers(&gates)
        whole.exchange(&notes)
        notes.numbers(&sloSums)
        notes.list(&gateSums, of: []) { $1.numbers(&$0) }
        shadow.exchange(&notes)
        epoch.exchange(&notes)
        bakeEpoch.exchange(&notes)
        sudden.exchange(&notes)
        notes.count(&epochsKept)
        notes.number(&bakeLimit)
        paired.exchange(&notes)
    }
}

// MARK: what it amounts to, as natural logarithms

extension MetricEvidence {
    func harm(_ rule: MetricRule) -> Double {
        if rule.isPaired { return paired.harm }
        return harm.evidence
    }

    /// That the candidate is acceptable: by comparison, by the objective itself, or half of each.
    func safety(_ rule: MetricRule, isShadow: Bool) -> Double {
        if rule.isPaired { return paired.safety }
        if isShadow { return rule.sloTest.evidence(good: shadow.good, bad: shadow.bad) }
        return either(rule, safety, rule.sloTest.evidence(good: whole.good, bad: whole.bad, sums: sloSums))
    }

    /// That the harm at the next weight stays within the budget; shadowed answers count for the absolute part.
    func gate(_ step: Int, _ rule: MetricRule) -> Double {
        guard gates.indices.contains(step) else { return 0 }
        let units = whole + shadow
        return either(rule, gates[step], rule.gateTests[step].evidence(good: units.good, bad: units.bad, sums: gateSums[step]))
    }

    private func either(_ rule: MetricRule, _ relative: Double, _ absolute: @autoclosure () -> Double) -> Double {
        guard rule.isAbsolute else { return relative }
        guard rule.isRelative else { return absolute() }
        var mean = LogMean()
        mean.add(relative)
        mean.add(absolute())
        return mean.value
    }

    /// Whether a guard can have tripped at all: cheap, and false nearly always.
    func mayTrip(_ rule: MetricRule) -> Bool {
        AbsoluteTest.most(above: rule.hardLimit, bad: epoch.candidate.bad) >= rule.guardLimit || sudden.evidence >= rule.suddenLimit
            || AbsoluteTest.most(above: bakeLimit, bad: bakeEpoch.candidate.bad) >= rule.bakeGuardLimit
    }
    func guardEvidence(_ rule: MetricRule) -> Double {
        rule.guardTest.evidence(good: epoch.candidate.good, bad: epoch.candidate.bad)
    }
    func bakeGuardEvidence() -> Double {
        AbsoluteTest.above(bakeLimit).evidence(good: bakeEpoch.candidate.good, bad: bakeEpoch.candidate.bad)
    }
}
