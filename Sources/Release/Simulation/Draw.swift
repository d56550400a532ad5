/// Random numbers that are the same on every machine and run (SplitMix64), and the draws that
/// synthetic traffic needs.
struct Draw: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }
    /// Independent streams of one seed.
    init(_ seed: UInt64, stream: UInt64) {
        var first = Draw(seed)
        state = first.next() ^ (stream &* 0xD134_2543_DE82_EF95)
        state = next()
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }

    /// In [0, 1).
    mutating func share() -> Double { Double(next() >> 11) * 0x1p-53 }
    mutating func happens(_ probability: Double) -> Bool { share() < probability }
    mutating func below(_ bound: Int) -> Int { Int(share() * Double(bound)) }

    /// The time until the next of `rate` events per second.
    mutating func gap(_ rate: Double) -> Double { -ln(1 - share()) / rate }

    /// How many events come where `mean` are expected: by inversion, where many come by the normal curve.
    mutating func poisson(_ mean: Double) -> Int {
        guard mean > 0 else { return 0 }
        if mean > Self.many { return max(0, Int((mean + mean.squareRoot() * normal()).rounded())) }
        var p = raise(-mean)
        var rest = share()
        var n = 0
        while rest > p {
            rest -= p
            n += 1
            p *= mean / Double(n)
            if p < 1e-300 { break }
        }
        return n
    }

    private static let many = 500.0

    /// Near enough to a standard normal number: twelve uniform ones less their mean.
    private mutating func normal() -> Double {
        var sum = -6.0
        for _ in 0..<12 { sum += share() }
        return sum
    }

    /// How many of `n` happen with probability `p` each.
    mutating func binomial(_ n: Int, _ p: Double) -> Int {
        guard n > 0, p > 0 else { return 0 }
        if p >= 1 { return n }
        if p > 0.5 { return n - binomial(n, 1 - p) }
        let mean = Double(n) * p
        if mean > Self.many { return min(n, max(0, Int((mean + (mean * (1 - p)).squareRoot() * normal()).rounded()))) }
        let odds = p / (1 - p)
        var q = raise(Double(n) * ln(1 - p))
        var rest = share()
        var k = 0
        while rest > q, k < n {
            rest -= q
            k += 1
            q *= odds * Double(n - k + 1) / Double(k)
        }
        return k
    }
}
