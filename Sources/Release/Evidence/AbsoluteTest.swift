/// Is the bad rate below a bound, or above it? A mixture of bets, each a likelihood ratio for units
/// that are good or bad and a betting form for shares between (design 6.2, 6.4, 6.5).
///
/// A class, because rules that hold several are handed around with every request.
final class AbsoluteTest: Sendable {
    let bound: Double
    /// For each alternative: ln of the factor of a good unit and of a bad one.
    private let good: [Double]
    private let bad: [Double]
    private let alternatives: [Double]
    let goodFactors: [Double]
    let badFactors: [Double]

    init(bound: Double, alternatives: [Double]) {
        self.bound = bound
        self.alternatives = alternatives
        goodFactors = alternatives.map { (1 - $0) / (1 - bound) }
        badFactors = alternatives.map { $0 / bound }
        good = goodFactors.map(ln)
        bad = badFactors.map(ln)
    }

    /// Evidence that the rate is below the bound.
    static func below(_ bound: Double) -> AbsoluteTest {
        AbsoluteTest(bound: bound, alternatives: [bound / 40, bound / 10, bound / 4, bound / 2])
    }

    /// Evidence that it is above. Alternatives below the bound would bet the other way.
    static func above(_ bound: Double) -> AbsoluteTest {
        AbsoluteTest(bound: bound, alternatives: [bound + 0.1, 0.5, 0.9].filter { $0 > bound + 0.05 })
    }

    /// More evidence than bad units alone can give, however few good ones there are.
    static func most(above bound: Double, bad: Double) -> Double { bad > 0 ? bad * ln(0.9 / bound) : 0 }

    /// The logarithm of the evidence of so many units.
    func evidence(good goodUnits: Double, bad badUnits: Double, sums: [Double] = []) -> Double {
        var mean = LogMean()
        for i in good.indices {
            // A fixed order of operations; a count of 0 adds exactly nothing.
            let sum = i < sums.count ? sums[i] : 0
            mean.add(goodUnits * good[i] + badUnits * bad[i] + sum)
        }
        return mean.value
    }

    /// What a unit adds of which the share `x` was bad: ln(1 + l (bound - x)), with the l that gives
    /// the same factors for 0 and 1 as a likelihood ratio.
    func add(share x: Double, to sums: inout [Double]) {
        while sums.count < good.count { sums.append(0) }
        for (i, p) in alternatives.enumerated() { sums[i] = finite(sums[i] + ln((1 - x) * (1 - p) / (1 - bound) + x * p / bound)) }
    }
}

extension AbsoluteTest: Hashable {
    static func == (a: AbsoluteTest, b: AbsoluteTest) -> Bool { a.bound == b.bound && a.alternatives == b.alternatives }
    func hash(into hasher: inout Hasher) {
        hasher.combine(bound)
        hasher.combine(alternatives)
    }
}
