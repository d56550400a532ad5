import Core

/// How much may be tried again: a fifth of what is under way, and at least three a second. More
/// would turn a replica's trouble into everybody's.
struct RetryBudget {
    static let share = 0.2
    static let perSecond = 3.0

    private var tokens = RetryBudget.perSecond
    private var filledAt: Nanoseconds = .min
    private var underWay = 0

    mutating func take(inFlight: Int, at now: Nanoseconds) -> Bool {
        if filledAt == .min { filledAt = now }
        tokens = min(Self.perSecond, tokens + Double(max(0, now - filledAt)) / 1e9 * Self.perSecond)
        filledAt = now
        if tokens >= 1 {
            tokens -= 1
        } else if Double(underWay + 1) > Double(inFlight) * Self.share {
            return false
        }
        underWay += 1
        return true
    }

    /// A retried request is over.
    mutating func finish() { underWay = max(0, underWay - 1) }
}
