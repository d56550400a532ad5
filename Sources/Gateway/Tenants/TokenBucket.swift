import Core

/// Requests per minute: a full minute's worth may come at once, then as many as flow in.
struct TokenBucket {
    let perMinute: Int
    private var level: Double
    private var filledAt: Nanoseconds

    init(perMinute: Int, at now: Nanoseconds) {
        self.perMinute = perMinute
        level = Double(max(1, perMinute))
        filledAt = now
    }

    /// - Returns: nil where one was taken; otherwise after how many seconds there is one again.
    mutating func take(at now: Nanoseconds) -> Int? {
        let rate = Double(perMinute) / 60
        level = min(Double(max(1, perMinute)), level + Double(max(0, now - filledAt)) / 1e9 * rate)
        filledAt = max(filledAt, now)
        if level >= 1 {
            level -= 1
            return nil
        }
        guard rate > 0 else { return 3600 }
        return max(1, Int(((1 - level) / rate).rounded(.up)))
    }
}

/// Tokens per day of UTC.
struct DayCount {
    private var day: Int64 = .min
    private(set) var used: Int64 = 0

    init(used: Int64 = 0, at now: Instant) {
        self.used = used
        day = Self.day(now)
    }

    static func day(_ now: Instant) -> Int64 { now.seconds / 86_400 }

    mutating func add(_ tokens: Int, at now: Instant) {
        turn(now)
        used += Int64(tokens)
    }

    /// - Returns: nil while less than the limit is used; otherwise the seconds until midnight.
    mutating func check(limit: Int, at now: Instant) -> Int? {
        turn(now)
        return used < Int64(limit) ? nil : Int(86_400 - now.seconds % 86_400)
    }

    private mutating func turn(_ now: Instant) {
        let today = Self.day(now)
        if today > day {
            day = today
            used = 0
        }
    }
}
