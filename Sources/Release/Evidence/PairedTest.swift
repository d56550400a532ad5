/// Scores of two answers to the same request: is the candidate's lower, and is it lower by less than
/// the margin? A product of bets; each bet follows from earlier pairs alone (design 6.7).
struct PairedTest: Hashable, Sendable {
    private(set) var count = 0.0
    private(set) var harm = 0.0
    private(set) var safety = 0.0
    private var sum = 0.0
    private var squares = 0.0
    private(set) var stableSum = 0.0
    private(set) var candidateSum = 0.0

    /// Pairs that the expectation of equal scores is worth.
    private static let faith = 2000.0

    mutating func add(stable: Double, candidate: Double, margin: Double) {
        let stable = min(max(stable, 0), 1)
        let candidate = min(max(candidate, 0), 1)
        let x = (candidate - stable + 1) / 2
        // One pair of the greatest variance possible stands for what is not known yet.
        let mean = (sum + 0.5) / (count + 1)
        let variance = max((squares + 0.5) / (count + 1) - mean * mean, 1e-6)
        harm = finite(harm + ln(1 + Self.bet(0.5 - mean, variance) * (0.5 - x)))
        // That the scores are equal is what this test is to show, so it bets on it until many pairs say otherwise.
        let expected = (sum + 0.5 * Self.faith) / (count + Self.faith)
        safety = finite(safety + ln(1 + Self.bet(expected - 0.5 + margin / 2, variance) * (x - 0.5 + margin / 2)))
        count += 1
        sum += x
        squares += x * x
        stableSum += stable
        candidateSum += candidate
    }

    /// For estimates: evidence that is foreseen, not observed.
    mutating func expect(safety log: Double) { safety = finite(safety + log) }

    private static func bet(_ mean: Double, _ variance: Double) -> Double { min(max(mean / (variance + mean * mean), 0), 1) }

    mutating func exchange(_ notes: inout Notes) {
        notes.number(&count)
        notes.number(&harm)
        notes.number(&safety)
        notes.number(&sum)
        notes.number(&squares)
        notes.number(&stableSum)
        notes.number(&candidateSum)
    }
}
