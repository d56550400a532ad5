import Core

extension Analysis {
    /// One line for each metric, for people; decides nothing.
    package func summary(for release: Release) -> [MetricSummary] {
        let rules = evidence.rules
        let srm = evidence.assignment.evidence(planned: rules.weightCount).asLog10
        return rules.metrics.indices.map { j in
            let rule = rules.metrics[j]
            let metric = evidence.metrics[j]
            let guardEvidence = rule.isGuarded ? metric.guardEvidence(rule) : 0
            return MetricSummary(
                name: release.spec.objectives.indices.contains(j) ? release.spec.objectives[j].name : "metric \(j)",
                isReportOnly: rule.isReportOnly, candidate: side(metric, rule, \.candidate), stable: side(metric, rule, \.stable),
                harm: metric.harm(rule).asLog10, safety: metric.safety(rule, isShadow: rules.isShadow).asLog10, guardTrip: guardEvidence.asLog10,
                srm: srm, gate: rule.isGated ? metric.gate(release.step, rule).asLog10 : 0,
                limits: .init(
                    // What this metric's harm alone would have to reach.
                    harm: (rules.failLimit - (rule.share > 0 ? ln(rule.share) : 0)).asLog10, safety: rules.passLimit.asLog10,
                    guardTrip: rule.guardLimit.asLog10, srm: AssignmentCheck.limit.asLog10),
                needed: needed(j, step: release.step), verdict: verdict(j))
        }
    }

    private func side(_ metric: MetricEvidence, _ rule: MetricRule, _ which: KeyPath<Sides, Count>) -> MetricSummary.Count {
        if rule.isPaired {
            let sum = which == \Sides.candidate ? metric.paired.candidateSum : metric.paired.stableSum
            // The lost score stands for the bad units.
            return .init(units: metric.paired.count, bad: metric.paired.count - sum)
        }
        let count = metric.seen[keyPath: which]
        return .init(units: count.units, bad: count.bad)
    }

    private func verdict(_ j: Int) -> Finding.Verdict {
        if evidence.culprit == j { return .fail }
        if evidence.trip?.metric == j { return .guardTripped }
        return evidence.passes(j) ? .pass : .inconclusive
    }

    /// Units of the candidate until the next question is answered, if evidence goes on growing as
    /// it did: the gate of the step, or PASS where there is no gate.
    private func needed(_ j: Int, step: Int) -> Int? {
        let rule = evidence.rules.metrics[j]
        let metric = evidence.metrics[j]
        let isGate = rule.isGated && evidence.rules.risesAfter.indices.contains(step + 1)
        let reached = isGate ? metric.gate(step, rule) : metric.safety(rule, isShadow: evidence.rules.isShadow)
        let limit = evidence.rules.passLimit
        if reached >= limit { return 0 }
        let units = rule.isPaired ? metric.paired.count : metric.whole.units + metric.shadow.units
        guard reached > 0.05, units >= 1 else { return nil }
        return Int(min((limit - reached) / reached * units, 1e9).rounded(.up))
    }
}
