/// The detail of an event as one text: sorted `key=value` lines, with `\`, newline and `=` in
/// keys escaped, so that the same detail always has the same bytes.
package enum EventDetail {
    package static func encode(_ detail: [String: String]) -> String {
        detail.sorted { $0.key < $1.key }.map { escape($0.key) + "=" + escape($0.value) }.joined(separator: "\n")
    }

    // By scalars: as characters, a carriage return and the newline behind it would be one.
    package static func decode(_ text: String) -> [String: String] {
        var detail: [String: String] = [:]
        for line in text.unicodeScalars.split(separator: "\n") {
            guard let at = line.firstIndex(of: "=") else { continue }
            detail[unescape(line[..<at])] = unescape(line[line.index(after: at)...])
        }
        return detail
    }

    private static func escape(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "=": out += "\\e"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }

    private static func unescape(_ text: Substring.UnicodeScalarView) -> String {
        var out = ""
        var isEscaped = false
        for scalar in text {
            if isEscaped {
                out.unicodeScalars.append(scalar == "n" ? "\n" : scalar == "e" ? "=" : scalar)
                isEscaped = false
            } else if scalar == "\\" {
                isEscaped = true
            } else {
                out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}
