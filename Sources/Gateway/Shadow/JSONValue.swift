/// Whether bytes are exactly one JSON value (RFC 8259), nested at most 128 deep.
struct JSONValue {
    private let bytes: Bytes
    private var at = 0
    private var depth = 0

    private init(_ bytes: Bytes) { self.bytes = bytes }

    static func isWhole(_ bytes: Bytes) -> Bool {
        var value = JSONValue(bytes)
        guard value.value() else { return false }
        value.blanks()
        return value.at == bytes.count
    }

    private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

    private mutating func blanks() {
        while let byte = next, byte.isJSONBlank { at += 1 }
    }

    private mutating func value() -> Bool {
        blanks()
        switch next {
        case 0x7B: return list(closing: 0x7D, hasKeys: true)
        case 0x5B: return list(closing: 0x5D, hasKeys: false)
        case 0x22: return text()
        case 0x74: return word("true")
        case 0x66: return word("false")
        case 0x6E: return word("null")
        default: return number()
        }
    }

    private mutating func list(closing: UInt8, hasKeys: Bool) -> Bool {
        depth += 1
        guard depth <= 128 else { return false }
        defer { depth -= 1 }
        at += 1
        blanks()
        if next == closing {
            at += 1
            return true
        }
        while true {
            if hasKeys {
                blanks()
                guard next == 0x22, text() else { return false }
                blanks()
                guard next == 0x3A else { return false }
                at += 1
            }
            guard value() else { return false }
            blanks()
            guard let byte = next else { return false }
            at += 1
            if byte == closing { return true }
            guard byte == 0x2C else { return false }
        }
    }

    private mutating func text() -> Bool {
        at += 1
        var escape = TextEscape()
        while let byte = next {
            at += 1
            switch escape.take(byte) {
            case .quote: return true
            case .invalid: return false
            default: continue
            }
        }
        return false
    }

    private mutating func word(_ text: StaticString) -> Bool {
        guard Bytes(rebasing: bytes[at...]).begins(with: text) else { return false }
        at += text.utf8CodeUnitCount
        return true
    }

    private mutating func number() -> Bool {
        if next == 0x2D { at += 1 }
        guard let first = next, first.isDigit else { return false }
        at += 1
        if first != 0x30 { digits() }
        if next == 0x2E {
            at += 1
            guard digits() else { return false }
        }
        if next == 0x65 || next == 0x45 {
            at += 1
            if next == 0x2B || next == 0x2D { at += 1 }
            guard digits() else { return false }
        }
        return true
    }

    @discardableResult
    private mutating func digits() -> Bool {
        let start = at
        while let byte = next, byte.isDigit { at += 1 }
        return at > start
    }
}
