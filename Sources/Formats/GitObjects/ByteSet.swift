import Core

/// A set of bytes: what one `[…]` of a pattern accepts.
struct ByteSet: Sendable {
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    /// Every byte that can stand in a name: all but `/`.
    static let nameBytes = ByteSet { $0 != 0x2F }

    private init(where isMember: (UInt8) -> Bool) {
        for byte in UInt8.min...UInt8.max where isMember(byte) { insert(byte) }
    }

    func contains(_ byte: UInt8) -> Bool {
        let word =
            switch byte >> 6 {
            case 0: words.0
            case 1: words.1
            case 2: words.2
            default: words.3
            }
        return word >> UInt64(byte & 63) & 1 == 1
    }

    private mutating func insert(_ byte: UInt8) {
        let bit = UInt64(1) << UInt64(byte & 63)
        switch byte >> 6 {
        case 0: words.0 |= bit
        case 1: words.1 |= bit
        case 2: words.2 |= bit
        default: words.3 |= bit
        }
    }

    /// Reads what follows a `[` up to its `]`: `!` or `^` first turns it round, a `]` first is
    /// itself, `a-z`, `\x` and `[:alpha:]` as in a shell. Never accepts `/`. nil where it is not
    /// closed or names an unknown class.
    init?(bracket rest: inout ArraySlice<UInt8>) {
        let isTurned = rest.first == 0x21 || rest.first == 0x5E
        if isTurned { rest = rest.dropFirst() }
        var members = ByteSet { _ in false }
        var isFirst = true
        var rangeStart: UInt8?
        while let unit = rest.popFirst() {
            if unit == 0x5D, !isFirst {
                self.init { $0 != 0x2F && members.contains($0) != isTurned }
                return
            }
            isFirst = false
            if unit == 0x5B, rest.first == 0x3A, let isMember = Self.named(&rest) {
                guard let isMember = isMember.test else { return nil }
                for byte in UInt8.min...UInt8.max where isMember(byte) { members.insert(byte) }
                rangeStart = nil
            } else if unit == 0x2D, let start = rangeStart, let next = rest.first, next != 0x5D {
                rest = rest.dropFirst()
                guard let end = next == 0x5C ? rest.popFirst() : next else { return nil }
                if start <= end { for byte in start...end { members.insert(byte) } }
                rangeStart = nil
            } else {
                guard let byte = unit == 0x5C ? rest.popFirst() : unit else { return nil }
                members.insert(byte)
                rangeStart = byte
            }
        }
        return nil
    }

    /// Reads `:name:]`. nil where there is no `:]`, and the bracket is an ordinary byte then.
    private static func named(_ rest: inout ArraySlice<UInt8>) -> (test: ((UInt8) -> Bool)?, Void)? {
        guard let close = rest.firstIndex(of: 0x5D), close - rest.startIndex >= 2, rest[close - 1] == 0x3A else { return nil }
        let name = String(decoding: rest[(rest.startIndex + 1)..<(close - 1)], as: UTF8.self)
        rest = rest[(close + 1)...]
        return (classes[name], ())
    }

    private static let classes: [String: @Sendable (UInt8) -> Bool] = [
        "alnum": { $0.isASCIILetter || $0.isASCIIDigit },
        "alpha": { $0.isASCIILetter },
        "blank": { $0 == 0x20 || $0 == 0x09 },
        "cntrl": { $0 < 0x20 || $0 == 0x7F },
        "digit": { $0.isASCIIDigit },
        "graph": { (0x21...0x7E).contains($0) },
        "lower": { (0x61...0x7A).contains($0) },
        "print": { (0x20...0x7E).contains($0) },
        "punct": { (0x21...0x7E).contains($0) && !$0.isASCIILetter && !$0.isASCIIDigit },
        "space": { $0 == 0x20 || (0x09...0x0D).contains($0) },
        "upper": { (0x41...0x5A).contains($0) },
        "xdigit": { $0.isASCIIDigit || (0x41...0x46).contains($0) || (0x61...0x66).contains($0) }
    ]
}
