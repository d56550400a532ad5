import Core

/// When a replica is left out for a while: after five gateway errors in a row, for 30 s times the
/// number of times it happened. A reflex, never a verdict; a good answer clears the row.
struct Ejection {
    static let threshold = 5
    static let span: Nanoseconds = 30_000_000_000

    private(set) var failures = 0
    private(set) var times = 0
    private(set) var until: Nanoseconds = .min

    /// - Parameter mayEject: whether fewer than half of the replicas would be left out with it.
    /// - Returns: whether it is left out from now on.
    mutating func failed(at now: Nanoseconds, mayEject: Bool) -> Bool {
        failures += 1
        guard failures >= Self.threshold, mayEject, until <= now else { return false }
        failures = 0
        times += 1
        until = now + Self.span * Nanoseconds(min(times, 20))
        return true
    }

    mutating func succeeded(at now: Nanoseconds) {
        failures = 0
        // A replica that worked for as long as it was last left out begins anew.
        if times > 0, now > until + Self.span * Nanoseconds(min(times, 20)) { times = 0 }
    }

    func isOut(at now: Nanoseconds) -> Bool { until > now }
}
