package import Core

/// How long a release would take at this traffic if the candidate is exactly as good as stable: the
/// decision rules fed with a typical course of requests, good and bad, instead of what is observed.
package struct Estimates: Hashable, Sendable {
    package let metrics: [PlanEstimate]
    /// Observed time until it bakes; nil: not within four times `maxObserved`.
    package let untilBake: Milliseconds?
    /// For people: what will make it wait or end without a verdict.
    package let warnings: [String]

    /// `badRates`: the share of bad units by objective, as stable had it lately; what is not known
    /// is held to be a quarter of the objective.
    package init(_ spec: ReleaseSpec, perSecond: Double, badRates: [String: Double] = [:]) {
        var course = ExpectedCourse(spec, perSecond: perSecond, badRates: badRates)
        course.run()
        metrics = course.estimates
        untilBake = course.untilBake
        warnings = course.warnings
    }
}

private struct ExpectedCourse {
    let spec: ReleaseSpec
    let perSecond: Double
    let rates: [Double]
    let rules: Rules
    var evidence: [MetricEvidence]
    var passedAt: [Double?]
    var requests: [Double?]
    /// How much of each metric was fed so far.
    var fed: [Fed]
    var untilBake: Milliseconds?

    struct Fed { var candidate = Typical(), stable = Typical(), shadow = Typical() }

    init(_ spec: ReleaseSpec, perSecond: Double, badRates: [String: Double]) {
        self.spec = spec
        self.perSecond = perSecond.isFinite ? max(perSecond, 0) : 0
        rules = Rules(spec)
        rates = spec.objectives.map { min(max(badRates[$0.name] ?? $0.slo / 4, 1e-4), 0.9) }
        evidence = rules.metrics.map(MetricEvidence.init)
        passedAt = rules.metrics.map { _ in nil }
        requests = passedAt
        fed = rules.metrics.map { _ in Fed() }
    }

    /// A course crosses its limit at its best moment, which is earlier than a typical one's: by as
    /// much as this share of the way, as the simulator shows at rates from 0.1 to 5 %.
    private var limitOfCourse: Double { Self.earliness * rules.passLimit }
    private static let earliness = 0.75

    private var limit: Double { 4 * Double(spec.strategy.maxObserved) / 1000 }

    mutating func run() {
        let steps = spec.steps
        guard perSecond > 0, !steps.isEmpty else { return }
        // Fine enough for the shortest step, coarse enough for a week of a quiet endpoint.
        let slice = max(1, limit / 4000)
        var time = 0.0
        for (i, step) in steps.enumerated() {
            let began = time
            let isLast = i == steps.count - 1
            while time < limit {
                time += slice
                pass(slice, step, at: time)
                guard time - began >= Double(step.minObserved) / 1000 else { continue }
                if isLast && spec.strategy.kind != .blueGreen ? judged.allSatisfy({ passedAt[$0] != nil }) : isOpen(i, step) { break }
            }
        }
        if time < limit { untilBake = Milliseconds(time * 1000) }
    }

    private var judged: [Int] { rules.metrics.indices.filter { !rules.metrics[$0].isReportOnly } }

    private func isOpen(_ i: Int, _ step: Strategy.Step) -> Bool {
        step.isSilent || !rules.risesAfter[i]
            || rules.metrics.indices.allSatisfy { !rules.metrics[$0].isGated || evidence[$0].gate(i, rules.metrics[$0]) >= limitOfCourse }
    }

    private mutating func pass(_ seconds: Double, _ step: Strategy.Step, at time: Double) {
        let w = Double(step.weight) / 10_000
        for (j, rule) in rules.metrics.enumerated() {
            if rule.isPaired {
                evidence[j].expectPairs(perSecond * seconds * Double(step.shadow) / 10_000, rule)
            } else {
                evidence[j].addShadow(fed[j].shadow.next(perSecond * seconds * Double(step.shadow) / 10_000, rates[j]))
                guard !rule.needsEqualLoad || step.weight == 5000 || (rules.hasControl && step.weight > 0) else { continue }
                let isSliced = rule.needsEqualLoad && rules.hasControl
                let candidate = perSecond * seconds * w
                let stable = isSliced ? candidate : perSecond * seconds - candidate
                let (ours, theirs) = (fed[j].candidate.next(candidate, rates[j]), fed[j].stable.next(stable, rates[j]))
                evidence[j].addWhole(ours)
                evidence[j].compare(candidate: ours.bad, stable: theirs.bad, weight: isSliced ? 0.5 : w, rule)
            }
            if evidence[j].safety(rule, isShadow: rules.isShadow) >= limitOfCourse {
                if passedAt[j] == nil {
                    passedAt[j] = time
                    requests[j] = time * perSecond
                }
            } else {
                passedAt[j] = nil
            }
        }
    }

    var estimates: [PlanEstimate] {
        spec.objectives.indices.map { j in
            PlanEstimate(
                metric: spec.objectives[j].name, requests: requests[j].map { Int64($0.rounded(.up)) },
                time: passedAt[j].map { Milliseconds($0 * 1000) })
        }
    }

    var warnings: [String] {
        let steps = spec.steps
        guard !steps.isEmpty else { return [] }
        if perSecond <= 0 {
            return ["there was no traffic lately, so nothing can be said about how long the release takes; without traffic it waits"]
        }
        var found: [String] = []
        for j in judged where passedAt[j] == nil {
            let (name, rule) = (spec.objectives[j].name, rules.metrics[j])
            if rule.isPaired, !steps.contains(where: { $0.shadow > 0 }) {
                found.append("'\(name)' compares shadowed answers, and no step has a shadow ratio: it can never pass")
            } else if rule.needsEqualLoad, !rules.hasControl, !steps.contains(where: { $0.weight == 5000 }) {
                found.append("'\(name)' is compared under equal load, and no step has it: add one of 50 %, or a control")
            } else {
                found.append("'\(name)' is not expected to pass at this traffic and its usual share of bad units")
            }
        }
        if let untilBake, untilBake > spec.strategy.maxObserved {
            found.append(
                "at this traffic a decision takes about \(untilBake / 60_000) min, and maxObserved is \(spec.strategy.maxObserved / 60_000) min: "
                    + "the release is likely to end inconclusive")
        } else if untilBake == nil, found.isEmpty {
            found.append("at this traffic no decision is expected within four times maxObserved (\(spec.strategy.maxObserved / 60_000) min)")
        }
        return found
    }
}

/// Units as a typical course brings them: bad ones whole, at the moments at which half of all
/// courses have had so many (the median of a Poisson number is about a third below its mean).
private struct Typical {
    var expected = 0.0
    var bad = 0.0

    mutating func next(_ units: Double, _ rate: Double) -> Count {
        expected += units * rate
        let now = (expected + 0.33).rounded(.down)
        defer { bad = now }
        return Count(units: units, bad: now - bad)
    }
}

extension MetricEvidence {
    /// Pairs of answers as good as one another, nine of ten of them good on either side: each adds
    /// about m m / 2 (v + m m) to the evidence, for a bet on half the margin.
    fileprivate mutating func expectPairs(_ pairs: Double, _ rule: MetricRule) {
        let half = rule.margin / 2
        expectSafety(pairs * half * half / (2 * (0.045 + half * half)))
    }
}
