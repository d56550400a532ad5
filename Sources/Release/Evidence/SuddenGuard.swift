import Core

/// The guard's second eye: whatever a healthy minute says, a break that begins now is seen after a
/// dozen failures. Evidence begins afresh after a bad unit, at most once a second on average, and
/// the sum over all beginnings is compared with a limit that grows with how many there can be.
struct SuddenGuard: Hashable, Sendable {
    /// For each alternative of the guard's test, the sum of the evidence since each beginning; not
    /// logarithms, so that a good unit costs a multiplication.
    private var sums: [Double] = []
    private var permits = Self.mostPermits
    private var at: Milliseconds = 0
    private static let mostPermits = 60.0
    /// What is left of a beginning that came to nothing.
    private static let nothing = 1e-30

    /// Counts that came together are taken to be evenly mixed.
    mutating func see(_ units: Count, _ test: AbsoluteTest, at time: Milliseconds) {
        if units.bad == 0 {
            if !sums.isEmpty { decay(units.good, test) }
            return
        }
        permits = min(Self.mostPermits, permits + Double(max(time - at, 0)) / 1000)
        at = max(at, time)
        let between = units.good / (units.bad + 1)
        var left = units.bad
        while left > 0 {
            decay(between, test)
            for i in sums.indices { sums[i] = min(sums[i] * test.badFactors[i], 1e100) }
            // A new beginning knows nothing of the unit that led to it.
            if permits >= 1 {
                permits -= 1
                if sums.isEmpty { sums = [Double](repeating: 0, count: test.badFactors.count) }
                for i in sums.indices { sums[i] += 1 }
            }
            left -= 1
        }
        decay(between, test)
    }

    private mutating func decay(_ good: Double, _ test: AbsoluteTest) {
        guard good > 0, !sums.isEmpty else { return }
        var isAlive = false
        for i in sums.indices {
            sums[i] *= good == 1 ? test.goodFactors[i] : raise(good * ln(test.goodFactors[i]))
            if sums[i] > Self.nothing { isAlive = true }
        }
        if !isAlive { sums = [] }
    }

    /// Good units change nothing while nothing has begun.
    func cares(about units: Count) -> Bool { units.bad > 0 || (units.units > 0 && !sums.isEmpty) }

    var evidence: Double {
        var sum = 0.0
        for one in sums { sum += one }
        return sums.isEmpty ? 0 : sum / Double(sums.count)
    }

    /// How many beginnings there can be in so long.
    static func beginnings(in length: Milliseconds) -> Double { Double(length) / 1000 + mostPermits }

    mutating func exchange(_ notes: inout Notes) {
        notes.numbers(&sums)
        notes.number(&permits)
        notes.count(&at)
    }
}
