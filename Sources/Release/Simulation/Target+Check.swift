extension Target {
    /// What a result falls short in, as sentences; none: all is well. With `slack`, only what a
    /// world that just meets the target would show in less than one of 10,000 runs.
    package func failures(of result: SimulationResult, slack: Bool = false) -> [String] {
        var found: [String] = []
        func most(_ name: String, _ count: Int, _ bound: Double?) {
            guard let bound, !Self.isAtMost(count, of: result.releases, bound, slack) else { return }
            found.append("\(name) \(count) of \(result.releases), at most \(Self.words(bound)) expected")
        }
        func least(_ name: String, _ count: Int, _ bound: Double?) {
            guard let bound, !Self.isAtMost(result.releases - count, of: result.releases, 1 - bound, slack) else { return }
            found.append("\(name) \(count) of \(result.releases), at least \(Self.words(bound)) expected")
        }
        most("rolled back", result.rolledBack, rolledBackAtMost)
        least("rolled back", result.rolledBack, rolledBackAtLeast)
        most("promoted", result.promoted, promotedAtMost)
        least("promoted", result.promoted, promotedAtLeast)
        if endsWithoutData { least("paused without data", result.noData, 1) }
        if let medianMinutes, result.rollbackMinutes.median > medianMinutes * (slack ? 1.25 : 1) {
            found.append(
                "typical rollback after \(Evidence.hundredths(result.rollbackMinutes.median)) min, \(Evidence.hundredths(medianMinutes)) expected")
        }
        // The 99th percentile of few releases is their largest.
        if let failedAtMost, result.failed.p99 > Double(failedAtMost) + (slack && result.releases < 1000 ? 3 : 0) {
            found.append("failed requests P99 \(Int(result.failed.p99)), at most \(failedAtMost) expected")
        }
        return found
    }

    private static func isAtMost(_ count: Int, of n: Int, _ bound: Double, _ slack: Bool) -> Bool {
        guard slack, bound > 0, bound < 1 else { return Double(count) <= bound * Double(n) + 1e-9 }
        // P(X >= count) for X binomial(n, bound), summed from the small end.
        var below = 0.0
        for k in 0..<count {
            below += raise(-ln(Double(n) + 1) - logBeta(Double(k + 1), Double(n - k + 1)) + Double(k) * ln(bound) + Double(n - k) * ln(1 - bound))
        }
        return 1 - below >= 1e-4
    }

    private static func words(_ share: Double) -> String { "\(Evidence.hundredths(share * 100)) %" }
}
