package import Core

/// A moment as people and programs write it: RFC 3339 with a zone, or a date alone for its
/// beginning in UTC.
package enum Moment {
    package static func parse(_ text: String) throws(HubError) -> Instant {
        guard let milliseconds = milliseconds(Array(text.utf8)) else {
            throw HubError(
                .invalidRequest,
                "'\(FilePath.printable(String(text.prefix(60))))' is not a time: expected RFC 3339 such as 2026-05-03T09:30:00Z, or a date such as 2026-05-03"
            )
        }
        return Instant(milliseconds: milliseconds)
    }

    private static func milliseconds(_ text: [UInt8]) -> Int64? {
        var rest = text[...]
        func number(_ digits: Int) -> Int? {
            guard rest.count >= digits, rest.prefix(digits).allSatisfy(\.isASCIIDigit) else { return nil }
            let value = rest.prefix(digits).reduce(0) { $0 * 10 + Int($1 - 0x30) }
            rest = rest.dropFirst(digits)
            return value
        }
        func mark(_ marks: String) -> UInt8? {
            guard let first = rest.first, marks.utf8.contains(first) else { return nil }
            rest = rest.dropFirst()
            return first
        }
        guard let year = number(4), mark("-") != nil, let month = number(2), mark("-") != nil, let day = number(2), year >= 1970,
            (1...12).contains(month), (1...length(of: month, in: year)).contains(day)
        else { return nil }
        let midnight = Int64(days(year, month, day)) * 86_400_000
        if rest.isEmpty { return midnight }
        guard mark("Tt ") != nil, let hour = number(2), mark(":") != nil, let minute = number(2), mark(":") != nil, let second = number(2),
            hour < 24, minute < 60, second <= 60
        else { return nil }
        var fraction = 0
        if mark(".") != nil {
            let digits = rest.prefix { $0.isASCIIDigit }
            guard (1...9).contains(digits.count) else { return nil }
            rest = rest.dropFirst(digits.count)
            let three = digits.prefix(3) + Array(repeating: 0x30, count: max(0, 3 - digits.count))
            fraction = three.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        }
        guard let zone = mark("Zz+-") else { return nil }
        var offset = 0
        if zone == 0x2B || zone == 0x2D {
            guard let hours = number(2), mark(":") != nil, let minutes = number(2), hours < 24, minutes < 60 else { return nil }
            offset = (hours * 60 + minutes) * (zone == 0x2B ? 1 : -1)
        }
        guard rest.isEmpty else { return nil }
        let seconds = Int64(hour * 3600 + minute * 60 + second - offset * 60)
        return midnight + seconds * 1000 + Int64(fraction)
    }

    private static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }
    private static func length(of month: Int, in year: Int) -> Int {
        month == 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
    }

    /// Days since 1970-01-01.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let before = year - 1
        let leaps = before / 4 - before / 100 + before / 400 - (1969 / 4 - 1969 / 100 + 1969 / 400)
        let months = (1..<month).reduce(0) { $0 + length(of: $1, in: year) }
        return (year - 1970) * 365 + leaps + months + day - 1
    }
}
