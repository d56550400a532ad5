import Core

/// SipHash-2-4 (Aumasson and Bernstein, 2012) under a stored key: the same user is on the same
/// side before and after a restart and in every gateway, and nobody outside can choose a side.
package struct CohortHash: Sendable {
    private let start: SipState

    package init(key: (UInt64, UInt64)) { start = SipState(key: key) }

    /// Which of 10,000 buckets a key falls into for this salt.
    package func bucket(salt: String, key: String) -> Int {
        var state = start
        state.feed(salt)
        // Neither part can lend its end to the other: UTF-8 text holds no 0xFF.
        state.feed(0xFF)
        state.feed(key)
        return Int(state.finish() % UInt64(TrafficRoute.whole))
    }

    /// A key as observations carry it.
    package func key(_ text: String) -> UInt64 {
        var state = start
        state.feed(text)
        return state.finish()
    }

    package func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
        var state = start
        for byte in bytes { state.feed(byte) }
        return state.finish()
    }
}

/// The running state: four words, and up to seven bytes that do not fill a word yet.
private struct SipState {
    private var v0, v1, v2, v3: UInt64
    private var tail: UInt64 = 0
    private var count: UInt64 = 0

    init(key: (UInt64, UInt64)) {
        v0 = key.0 ^ 0x736F_6D65_7073_6575
        v1 = key.1 ^ 0x646F_7261_6E64_6F6D
        v2 = key.0 ^ 0x6C79_6765_6E65_7261
        v3 = key.1 ^ 0x7465_6462_7974_6573
    }

    mutating func feed(_ text: String) {
        for byte in text.utf8 { feed(byte) }
    }

    mutating func feed(_ byte: UInt8) {
        tail |= UInt64(byte) << ((count & 7) * 8)
        count += 1
        if count & 7 == 0 { takeWord() }
    }

    mutating func finish() -> UInt64 {
        tail |= count << 56
        takeWord()
        v2 ^= 0xFF
        for _ in 0..<4 { round() }
        return v0 ^ v1 ^ v2 ^ v3
    }

    private mutating func takeWord() {
        v3 ^= tail
        round()
        round()
        v0 ^= tail
        tail = 0
    }

    private mutating func round() {
        v0 &+= v1
        v1 = Self.rotated(v1, 13) ^ v0
        v0 = Self.rotated(v0, 32)
        v2 &+= v3
        v3 = Self.rotated(v3, 16) ^ v2
        v0 &+= v3
        v3 = Self.rotated(v3, 21) ^ v0
        v2 &+= v1
        v1 = Self.rotated(v1, 17) ^ v2
        v2 = Self.rotated(v2, 32)
    }

    private static func rotated(_ word: UInt64, _ bits: UInt64) -> UInt64 { word << bits | word >> (64 - bits) }
}
