import Core

/// A guard that tripped, and the search for the cause: a stable that is bad as well makes it a
/// common one (design 6.2).
struct Trip: Hashable, Sendable {
    var metric = 0
    var at: Milliseconds = 0
    /// The bad rate that the candidate was held to exceed.
    var limit = 0.0
    /// Stable's units of the tripping epoch until the trip, of the rest of that epoch, and of the time after.
    var before = Count()
    var rest = Count()
    var after = Count()
    var epochEnd: Milliseconds = 0
    var end: Milliseconds = 0
    var cause = Cause.undecided
    var decidedAt: Milliseconds = 0

    enum Cause: Int, Sendable { case undecided, candidate, common }
    /// A common cause is reported this long, and then forgotten.
    static let memory: Milliseconds = 5_000

    mutating func see(_ stable: Count, at time: Milliseconds) {
        guard cause == .undecided else { return }
        if time < epochEnd { rest += stable } else { after += stable }
    }

    /// Decides as soon as it can be; at the end nothing against stable counts against the candidate.
    mutating func decide(at now: Milliseconds) {
        guard cause == .undecided else { return }
        if Self.isSick(before, limit: limit) || (now >= epochEnd && Self.isSick(before + rest, limit: limit)) {
            cause = .common
        } else if now >= end {
            cause = Self.isSick(after, limit: limit) || Self.isSick(before + rest + after, limit: limit) ? .common : .candidate
        }
        if cause != .undecided { decidedAt = now }
    }

    /// At least half the limit, over ten units or more of which three were bad: one bad unit of
    /// ten is no incident. Or stable's own guard beyond 20.
    static func isSick(_ stable: Count, limit: Double) -> Bool {
        if stable.units >= 10, stable.bad >= 3, stable.rate >= limit / 2 { return true }
        return AbsoluteTest.above(limit).evidence(good: stable.good, bad: stable.bad) > 2.995732273553991
    }

    mutating func exchange(_ notes: inout Notes) {
        notes.count(&metric)
        notes.count(&at)
        notes.number(&limit)
        before.exchange(&notes)
        rest.exchange(&notes)
        after.exchange(&notes)
        notes.count(&epochEnd)
        notes.count(&end)
        var number = cause.rawValue
        notes.count(&number)
        cause = Cause(rawValue: number) ?? .undecided
        notes.count(&decidedAt)
    }
}

/// Stable after a common cause was found: when is it well again?
struct Recovery: Hashable, Sendable {
    var metric = 0
    var limit = 0.0
    var isSick = true
    private var pool = Count()

    init(metric: Int = 0, limit: Double = 0) {
        self.metric = metric
        self.limit = limit
    }

    /// At the end of each short epoch; too few units wait for the next one's.
    mutating func close(_ stable: Count) {
        pool += stable
        guard pool.units >= 10 else { return }
        isSick = Trip.isSick(pool, limit: limit)
        pool = Count()
    }

    mutating func exchange(_ notes: inout Notes) {
        notes.count(&metric)
        notes.number(&limit)
        notes.flag(&isSick)
        pool.exchange(&notes)
    }
}
