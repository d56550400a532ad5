import Core

/// What a plain YAML scalar means by the core schema (YAML 1.2.2, section 10.3.2): `no` is a
/// language and not a refusal, and dates stay as they are written.
enum PlainScalar {
    static func value(_ text: String) -> CardValue {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        case ".nan", ".NaN", ".NAN": return .double(.nan)
        default: return number(text) ?? .string(text)
        }
    }

    private static func number(_ text: String) -> CardValue? {
        if text.hasPrefix("0o") { return Int64(text.dropFirst(2), radix: 8).flatMap { $0 < 0 ? nil : .int($0) } }
        if text.hasPrefix("0x") { return Int64(text.dropFirst(2), radix: 16).flatMap { $0 < 0 ? nil : .int($0) } }
        var digits = text.utf8[...]
        let isNegative = digits.first == 0x2D
        if isNegative || digits.first == 0x2B { digits.removeFirst() }
        if digits.elementsEqual(".inf".utf8) || digits.elementsEqual(".Inf".utf8) || digits.elementsEqual(".INF".utf8) {
            return .double(isNegative ? -.infinity : .infinity)
        }
        guard isDecimal(digits) else { return nil }
        return Int64(text).map(CardValue.int) ?? Double(text).map(CardValue.double)
    }

    /// `( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
    private static func isDecimal(_ text: Substring.UTF8View) -> Bool {
        var rest = text
        func takeDigits() -> Int {
            let count = rest.prefix(while: \.isASCIIDigit).count
            rest.removeFirst(count)
            return count
        }
        let whole = takeDigits()
        if rest.first == 0x2E {
            rest.removeFirst()
            guard takeDigits() + whole > 0 else { return false }
        } else if whole == 0 {
            return false
        }
        if rest.first == 0x65 || rest.first == 0x45 {
            rest.removeFirst()
            if rest.first == 0x2D || rest.first == 0x2B { rest.removeFirst() }
            guard takeDigits() > 0 else { return false }
        }
        return rest.isEmpty
    }
}
