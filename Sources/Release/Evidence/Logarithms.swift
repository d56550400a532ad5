import Glibc

// The only file that asks libm for anything: see Docs/decisions/0010-release-uses-libm.md.

/// The mean of e-values kept as logarithms. Terms are added in the order in which they are given,
/// so that the same terms give the same bits.
struct LogMean {
    private var top = -Double.infinity
    private var sum = 0.0
    private var count = 0.0

    mutating func add(_ log: Double) {
        count += 1
        addToSum(log)
    }

    /// A term of a weighted sum; `value` is then the logarithm of the sum of `share * e`.
    mutating func add(_ log: Double, share: Double) {
        count = 1
        if share > 0 { addToSum(share == 1 ? log : log + ln(share)) }
    }

    private mutating func addToSum(_ log: Double) {
        guard log > -.infinity else { return }
        if log <= top {
            sum += exp(log - top)
        } else {
            sum = sum * exp(top - log) + 1
            top = log
        }
    }

    var value: Double { sum > 0 ? finite(top + ln(sum / max(count, 1))) : -Self.farthest }
    /// Stands for infinity where only finite values may be kept.
    static let farthest = 1e9
}

func ln(_ x: Double) -> Double { log(x) }
func raise(_ x: Double) -> Double { exp(x) }

/// Evidence beyond any meaning is cut, so that no sum ever becomes infinite.
func finite(_ log: Double) -> Double { min(max(log, -LogMean.farthest), LogMean.farthest) }

/// The logarithm of the beta function.
func logBeta(_ a: Double, _ b: Double) -> Double { lgamma(a).0 + lgamma(b).0 - lgamma(a + b).0 }

extension Double {
    /// A natural logarithm as one to base 10, for people.
    var asLog10: Double { self / 2.302585092994046 }
}
