/// When to try again, and how long to wait before. A value: chance is handed in.
struct Retry: Sendable {
    /// Tries in all, the first included.
    var attempts = 6
    /// Seconds before the second try; doubled before each further one.
    var firstPause = 0.25
    /// Seconds that one pause lasts at most, unless the server asks for more.
    var longestPause = 10.0

    enum Outcome: Sendable {
        case answered(ResponseHead)
        case failed(TransportFailure)
    }

    /// Seconds to wait before try `number + 1`, or nil where another try is useless. `chance` is
    /// uniform in 0..<1: pauses are shortened by up to half, so that clients that failed
    /// together do not come back together.
    func pause(after number: Int, _ outcome: Outcome, isRepeatable: Bool, hasEverAnswered: Bool, chance: Double) -> Double? {
        guard number < attempts else { return nil }
        let pause = min(longestPause, firstPause * Double(1 << min(number - 1, 20))) * (1 - chance / 2)
        switch outcome {
        case .answered(let head):
            switch head.status {
            // The server says that it has not done it.
            case 429, 503: return head.retryAfter ?? pause
            case 500...599 where isRepeatable && head.status != 501 && head.status != 507: return pause
            default: return nil
            }
        case .failed(.unreachable):
            // A server that answered before is restarting; one that never did is not there.
            return hasEverAnswered ? pause : nil
        case .failed(.cut): return isRepeatable ? pause : nil
        case .failed(.refused), .failed(.cancelled): return nil
        }
    }
}
