/// Is a bad unit the candidate's more often than its share of traffic explains? Asked over bad units
/// alone, so that fluctuations common to both sides cancel (design 6.1).
///
/// If the candidate is `ratio` times as bad as stable, a bad unit is the candidate's with
/// probability q = r w / (r w + 1 - w).
struct RelativeTest {
    let logRatio: Double
    /// ln(r w + 1 - w).
    let logScale: Double

    init(ratio: Double, weight: Double) {
        logRatio = ln(ratio)
        logScale = ln(ratio * weight + 1 - weight)
    }

    /// What bad units add to the evidence that the ratio is at least this: ln(q / w) for each of the
    /// candidate's and ln((1 - q) / (1 - w)) for each of stable's.
    func harm(candidate: Double, stable: Double) -> Double { candidate * logRatio - (candidate + stable) * logScale }

    /// What they add to the evidence that it is less: the inverse factors.
    func safety(candidate: Double, stable: Double) -> Double { -harm(candidate: candidate, stable: stable) }

    /// Ratios between which the harm test does not want to choose beforehand.
    static let ratios: [Double] = [1.5, 2, 3, 5, 10, 30, 100]
}
