/// Units and how many of them were bad.
struct Count: Hashable, Sendable {
    var units = 0.0
    var bad = 0.0
    var good: Double { units - bad }
    var rate: Double { units > 0 ? bad / units : 0 }

    static func + (a: Count, b: Count) -> Count { Count(units: a.units + b.units, bad: a.bad + b.bad) }
    static func += (a: inout Count, b: Count) { a = a + b }

    mutating func exchange(_ notes: inout Notes) {
        notes.number(&units)
        notes.number(&bad)
    }
}

/// Both sides of a comparison; `stable` includes the control.
struct Sides: Hashable, Sendable {
    var candidate = Count()
    var stable = Count()

    static func += (a: inout Sides, b: Sides) {
        a.candidate += b.candidate
        a.stable += b.stable
    }
    mutating func exchange(_ notes: inout Notes) {
        candidate.exchange(&notes)
        stable.exchange(&notes)
    }
}

/// Spans of time in which guards count afresh, by the gateway's steady clock.
enum Epoch {
    static let short: Int64 = 30_000
    static let long: Int64 = 300_000
    /// The first 10 minutes of a session speak for it.
    static let window: Int64 = 600_000
}
