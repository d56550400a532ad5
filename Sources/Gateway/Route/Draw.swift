/// SplitMix64: one addition and three mixes for each draw; a seed gives the same draws everywhere.
struct Draw {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// 0..<10,000, by the high half of a product; off from uniform by less than 10⁻¹⁵.
    mutating func bucket() -> Int { Int(next().multipliedFullWidth(by: 10_000).high) }
}
