/// One metric's state for people and for `GET …/analysis`.
package struct MetricSummary: Hashable, Sendable, Codable {
    package var name: String
    package var isReportOnly: Bool
    package var candidate: Count
    /// Control included.
    package var stable: Count
    /// Logarithms to base 10 of the evidence; 0 is none.
    package var harm: Double
    package var safety: Double
    package var guardTrip: Double
    package var srm: Double
    package var gate: Double
    /// What they are compared with, on the same scale.
    package var limits: Limits
    /// Candidate units still needed for the next question, should rates stay as they are; nil: not foreseeable.
    package var needed: Int?
    package var verdict: Finding.Verdict

    package struct Count: Hashable, Sendable, Codable {
        package var units: Double
        package var bad: Double
        package var rate: Double? { units > 0 ? bad / units : nil }
        package init(units: Double = 0, bad: Double = 0) {
            self.units = units
            self.bad = bad
        }
    }
    package struct Limits: Hashable, Sendable, Codable {
        package var harm: Double
        package var safety: Double
        package var guardTrip: Double
        package var srm: Double
        package init(harm: Double, safety: Double, guardTrip: Double, srm: Double) {
            self.harm = harm
            self.safety = safety
            self.guardTrip = guardTrip
            self.srm = srm
        }
    }
    package init(
        name: String, isReportOnly: Bool, candidate: Count, stable: Count, harm: Double, safety: Double, guardTrip: Double, srm: Double,
        gate: Double, limits: Limits, needed: Int?, verdict: Finding.Verdict
    ) {
        self.name = name
        self.isReportOnly = isReportOnly
        self.candidate = candidate
        self.stable = stable
        self.harm = harm
        self.safety = safety
        self.guardTrip = guardTrip
        self.srm = srm
        self.gate = gate
        self.limits = limits
        self.needed = needed
        self.verdict = verdict
    }
}
