extension BadRule: TextCoded {
    /// Reads `status >= 500 || timeout || ttft > 1500ms && status == 200`. Times take `ms`, `s` or
    /// `m`; `&&` binds tighter than `||`; there are no parentheses.
    package init(parsing text: String) throws(HubError) {
        var any: [[Condition]] = []
        for part in text.split(separator: "||", omittingEmptySubsequences: false) {
            var all: [Condition] = []
            for term in part.split(separator: "&&", omittingEmptySubsequences: false) { all.append(try Self.condition(String(term), in: text)) }
            any.append(all)
        }
        self.any = any
    }

    package var description: String {
        any.map { $0.map(\.description).joined(separator: " && ") }.joined(separator: " || ")
    }

    private static func condition(_ term: String, in text: String) throws(HubError) -> Condition {
        func fail(_ reason: String) -> HubError {
            HubError(
                .invalidRequest,
                "'\(FilePath.printable(String(text.prefix(200))))' does not say when a request is bad: \(reason); write for instance 'status >= 500 || timeout || ttft > 1500ms'"
            )
        }
        let words = term.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
        guard let first = words.first else { throw fail("a condition is empty") }
        guard let field = Field(rawValue: first) else {
            throw fail("'\(FilePath.printable(first))' is not one of \(Field.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        if field.isFlag {
            guard words.count == 1 else { throw fail("'\(first)' stands alone") }
            return Condition(field, .equal, 1)
        }
        guard words.count == 3, let comparison = Comparison(rawValue: words[1]) else {
            throw fail("expected '\(first) >= VALUE' with spaces around one of \(Comparison.allCases.map(\.rawValue).joined(separator: " "))")
        }
        let value = field.isTime ? Duration.milliseconds(words[2]) : Double(words[2])
        guard let value, value.isFinite, value >= 0 else {
            throw fail(field.isTime ? "'\(words[2])' is not a time such as 1500ms or 2s" : "'\(words[2])' is not a number")
        }
        return Condition(field, comparison, value)
    }

    private enum Duration {
        static func milliseconds(_ text: String) -> Double? {
            for (unit, factor) in [("ms", 1.0), ("s", 1000), ("m", 60_000)] where text.hasSuffix(unit) {
                return Double(text.dropLast(unit.count)).map { $0 * factor }
            }
            return nil
        }
    }
}

extension BadRule.Condition: CustomStringConvertible {
    package var description: String {
        if field.isFlag { return field.rawValue }
        let number = value == value.rounded() ? String(Int64(value)) : String(value)
        return "\(field.rawValue) \(comparison.rawValue) \(number)\(field.isTime ? "ms" : "")"
    }
}
