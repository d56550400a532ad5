import Core

/// Who made a commit, and when on their clock.
package struct GitSignature: Hashable, Sendable {
    package let name: String
    package let email: String
    /// Seconds since 1970; git has no earlier ones.
    package let seconds: Int64
    /// Minutes east of Greenwich, of the clock on the wall.
    package let offsetMinutes: Int

    /// Cleans name and email as git does, so that they cannot break the line they stand in. An
    /// empty name becomes `unknown`: git refuses to commit without one.
    package init(name: String, email: String, seconds: Int64, offsetMinutes: Int = 0) {
        let cleanName = Self.withoutCrud(name)
        self.name = cleanName.isEmpty ? "unknown" : cleanName
        self.email = Self.withoutCrud(email)
        self.seconds = max(0, seconds)
        self.offsetMinutes = max(-5999, min(5999, offsetMinutes))
    }

    /// `Name <email> seconds +hhmm`.
    package var text: String {
        let minutes = abs(offsetMinutes)
        let zone = String(minutes / 60 * 100 + minutes % 60)
        let sign = offsetMinutes < 0 ? "-" : "+"
        return "\(name) <\(email)> \(seconds) \(sign)\(String(repeating: "0", count: 4 - zone.utf8.count))\(zone)"
    }

    /// Reads a signature written by anyone's git, and keeps it as it stands.
    init?(parsing line: some Collection<UInt8>) {
        let line = Array(line)
        guard let close = line.lastIndex(of: 0x3E), let open = line[..<close].firstIndex(of: 0x3C) else { return nil }
        let tail = line[(close + 1)...].split(separator: 0x20)
        guard tail.count == 2, let seconds = Int64(String(decoding: tail[0], as: UTF8.self)), seconds >= 0,
            tail[0].allSatisfy(\.isASCIIDigit), let minutes = Self.minutes(tail[1])
        else { return nil }
        var name = line[..<open]
        if name.last == 0x20 { name.removeLast() }
        self.name = String(decoding: name, as: UTF8.self)
        email = String(decoding: line[(open + 1)..<close], as: UTF8.self)
        self.seconds = seconds
        offsetMinutes = minutes
    }

    private static func minutes(_ zone: ArraySlice<UInt8>) -> Int? {
        guard zone.count == 5, let sign = zone.first, sign == 0x2B || sign == 0x2D,
            zone.dropFirst().allSatisfy(\.isASCIIDigit), let number = Int(String(decoding: zone.dropFirst(), as: UTF8.self))
        else { return nil }
        let minutes = number / 100 * 60 + number % 100
        return sign == 0x2D ? -minutes : minutes
    }

    /// Drops `<`, `>`, newlines and NULs everywhere, spaces, control characters and loose
    /// punctuation at both ends. A point stays, as in newer git: 'Jr.' is part of a name.
    private static func withoutCrud(_ text: String) -> String {
        func isCrud(_ scalar: Unicode.Scalar) -> Bool { scalar.value <= 0x20 || ",:;<>\"\\'".unicodeScalars.contains(scalar) }
        var rest = text.unicodeScalars[...]
        while let first = rest.first, isCrud(first) { rest.removeFirst() }
        while let last = rest.last, isCrud(last) { rest.removeLast() }
        var clean = String.UnicodeScalarView()
        clean.append(contentsOf: rest.filter { $0 != "<" && $0 != ">" && $0 != "\n" && $0 != "\0" })
        return String(clean)
    }
}
