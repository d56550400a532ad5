package import Core
package import Release

extension Strategy {
    /// Whether steps may be taken now; without windows, always.
    package func isWindowOpen(at now: Instant) -> Bool { windows.isEmpty || windows.contains { $0.isOpen(at: now) } }
}

extension Strategy.Window {
    /// A window whose end is not after its beginning runs over midnight and belongs to the day on
    /// which it begins.
    package func isOpen(at now: Instant) -> Bool {
        let minutes = now.seconds >= 0 ? now.seconds / 60 : (now.seconds - 59) / 60
        let day = minutes >= 0 ? minutes / 1440 : (minutes - 1439) / 1440
        let minute = Int(minutes - day * 1440)
        // 1 January 1970 was a Thursday, the fourth day of ISO 8601's week.
        let weekday = Int(((day + 3) % 7 + 7) % 7) + 1
        if from < until { return days.contains(weekday) && (from..<until).contains(minute) }
        let yesterday = weekday == 1 ? 7 : weekday - 1
        return (days.contains(weekday) && minute >= from) || (days.contains(yesterday) && minute < until)
    }
}
