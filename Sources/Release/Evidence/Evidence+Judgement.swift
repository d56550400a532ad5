import Core

// Pure functions of the sums.

extension Evidence {
    /// ln of the weighted sum of all harm: valid whatever the metrics have to do with one another.
    var failEvidence: Double {
        var sum = LogMean()
        for (j, rule) in rules.metrics.enumerated() where rule.share > 0 { sum.add(metrics[j].harm(rule), share: rule.share) }
        return sum.value
    }

    var largestHarm: Int? {
        rules.metrics.indices.filter { rules.metrics[$0].share > 0 }.max { term($0) < term($1) }
    }
    private func term(_ j: Int) -> Double { metrics[j].harm(rules.metrics[j]) + ln(rules.metrics[j].share) }

    func passes(_ j: Int) -> Bool { metrics[j].safety(rules.metrics[j], isShadow: rules.isShadow) >= rules.passLimit }

    /// Every metric that is not only reported; none at all is no proof.
    var allPass: Bool {
        var isAny = false
        for (j, rule) in rules.metrics.enumerated() where !rule.isReportOnly {
            guard passes(j) else { return false }
            isAny = true
        }
        return isAny
    }

    func isGateOpen(_ step: Int, isSilent: Bool) -> Bool {
        guard rules.risesAfter.indices.contains(step) else { return false }
        // Nothing can be learnt in a step that sends nothing, and nothing is risked by one that does not rise.
        if isSilent || !rules.risesAfter[step] { return true }
        return !needsFresh
            && rules.metrics.indices.allSatisfy { j in
                !rules.metrics[j].isGated || metrics[j].gate(step, rules.metrics[j]) >= rules.passLimit
            }
    }

    var hasData: Bool { now - lastData < rules.staleAfter }
    var isUneven: Bool { assignment.evidence(planned: rules.weightCount) >= AssignmentCheck.limit }

    /// The verdicts in the order of design 6.11.
    func finding(for release: Release) -> Finding {
        var finding = Finding()
        finding.hasData = hasData
        finding.isStableHealthy = recovery?.isSick != true
        finding.trip = trip.map { $0.cause == .undecided ? .undecided : $0.cause == .common ? .common : .candidate }
        finding.isGateOpen = isGateOpen(release.step, isSilent: release.currentStep?.isSilent == true)
        // A trip that the release is already paused for does not hide that harm was shown meanwhile.
        if let trip, culprit == nil || !release.pauses.contains(.tripped) {
            finding.verdict = .guardTripped
            explain(&finding, release, metric: trip.metric, "the guard tripped: bad beyond \(Self.percent(trip.limit))")
        } else if let culprit {
            finding.verdict = .fail
            explain(&finding, release, metric: culprit, "the candidate is worse than stable")
        } else if !release.isBiasAccepted, isUneven {
            finding.verdict = .assignmentBias
            finding.explanation = "the sides do not get the shares of traffic that their weights promise"
        } else if !finding.hasData {
            finding.verdict = .noData
            finding.explanation = "no randomised request for \(rules.staleAfter / 1000) s"
        } else if !needsFresh, allPass {
            finding.verdict = .pass
            finding.explanation = "every metric is acceptable"
        }
        return finding
    }

    private func explain(_ finding: inout Finding, _ release: Release, metric j: Int, _ reason: String) {
        let names = release.spec.objectives
        finding.culprit = names.indices.contains(j) ? names[j].name : "metric \(j)"
        let evidence = metrics[j]
        if rules.metrics[j].isPaired {
            let n = max(evidence.paired.count, 1)
            finding.explanation =
                "\(reason) in \(finding.culprit ?? ""): mean score \(Self.hundredths(evidence.paired.candidateSum / n)) against "
                + "\(Self.hundredths(evidence.paired.stableSum / n)) in \(Int(evidence.paired.count)) pairs"
        } else {
            let (c, s) = (evidence.seen.candidate, evidence.seen.stable)
            finding.explanation =
                "\(reason) in \(finding.culprit ?? ""): \(Int(c.bad)) of \(Int(c.units)) (\(Self.percent(c.rate))) against "
                + "\(Int(s.bad)) of \(Int(s.units)) (\(Self.percent(s.rate)))"
        }
    }

    /// Two digits after the point, without Foundation.
    static func hundredths(_ value: Double) -> String {
        let n = Int((min(max(value, -1e9), 1e9) * 100).rounded())
        let digits = String(abs(n) % 100)
        return "\(n < 0 ? "-" : "")\(abs(n) / 100).\(digits.count < 2 ? "0" : "")\(digits)"
    }
    static func percent(_ share: Double) -> String { "\(hundredths(share * 100)) %" }
}

extension Evidence {
    /// A text that was read may not lead outside a list, into an endless loop or beyond what a number holds.
    var isSound: Bool {
        let times = [Milliseconds?](
            arrayLiteral: now, lastData, epochEnd, bakeEpochEnd, rules.staleAfter, trip?.at, trip?.epochEnd, trip?.end, trip?.decidedAt)
        return times.allSatisfy { $0.map { abs($0 / 2) < 1 << 60 } ?? true } && (0...1000).contains(rules.weightCount)
            && assignment.isSound && metrics.count == rules.metrics.count && metrics.count <= 32
            && metrics.allSatisfy { $0.harm.isSound && $0.gates.count == $0.gateSums.count }
            && zip(metrics, rules.metrics).allSatisfy { $0.gates.count == $1.gates.count }
            && [trip?.metric, recovery?.metric, culprit].allSatisfy { $0.map(metrics.indices.contains) ?? true }
    }
}
