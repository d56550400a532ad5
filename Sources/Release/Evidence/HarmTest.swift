/// Evidence that the candidate is worse, as a mixture of ratios (design 6.1) and of beginnings: half
/// of it is one process for the whole release, so that nothing is thrown away when the weight
/// changes; the rest begins anew with each higher weight, so that a good record at 5 % does not
/// hide what only 50 % shows.
struct HarmTest: Hashable, Sendable {
    /// For each of `RelativeTest.ratios`, ln of the evidence since the very beginning.
    private(set) var sums = [Double](repeating: 0, count: RelativeTest.ratios.count)
    /// ln of what the sum is to be multiplied with: 1/2, and a share over the sum at each beginning.
    private var scales = [Double](repeating: -0.6931471805599453, count: RelativeTest.ratios.count)
    private var begun = 0

    mutating func add(candidate: Double, stable: Double, weight: Double) {
        for (k, ratio) in RelativeTest.ratios.enumerated() {
            sums[k] = finite(sums[k] + RelativeTest(ratio: ratio, weight: weight).harm(candidate: candidate, stable: stable))
        }
    }

    /// `planned`: among how many beginnings the second half is shared; further ones begin nothing.
    mutating func begin(planned: Int) {
        guard begun < planned else { return }
        begun += 1
        let share = ln(0.5 / Double(planned))
        for k in sums.indices {
            var sum = LogMean()
            sum.add(scales[k], share: 1)
            sum.add(share - sums[k], share: 1)
            scales[k] = sum.value
        }
    }

    var evidence: Double {
        var mean = LogMean()
        for k in sums.indices { mean.add(finite(sums[k] + scales[k])) }
        return mean.value
    }

    var isSound: Bool { sums.count == RelativeTest.ratios.count && scales.count == sums.count }

    mutating func exchange(_ notes: inout Notes) {
        notes.numbers(&sums)
        notes.numbers(&scales)
        notes.count(&begun)
    }
}
