/// JSON with one spelling: keys in byte order, no white space, no number but an integer, `"`,
/// `\` and control characters escaped and nothing else, a newline at the end. The same value
/// gives the same bytes on every machine and in every release, so the bytes can have a digest.
package enum CanonicalJSON: Hashable, Sendable {
    case text(String)
    case integer(Int64)
    case flag(Bool)
    case list([CanonicalJSON])
    case object([String: CanonicalJSON])

    package var bytes: [UInt8] {
        var out: [UInt8] = []
        write(to: &out)
        out.append(0x0A)
        return out
    }

    private func write(to out: inout [UInt8]) {
        switch self {
        case .text(let text): Self.quote(text, to: &out)
        case .integer(let number): out += Array(String(number).utf8)
        case .flag(let flag): out += Array((flag ? "true" : "false").utf8)
        case .list(let items):
            out.append(0x5B)
            for (i, item) in items.enumerated() {
                if i > 0 { out.append(0x2C) }
                item.write(to: &out)
            }
            out.append(0x5D)
        case .object(let members):
            out.append(0x7B)
            // Byte order, not Swift's order of equivalent Unicode spellings.
            let keys = members.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            for (i, key) in keys.enumerated() {
                if i > 0 { out.append(0x2C) }
                Self.quote(key, to: &out)
                out.append(0x3A)
                members[key]?.write(to: &out)
            }
            out.append(0x7D)
        }
    }

    private static func quote(_ text: String, to out: inout [UInt8]) {
        out.append(0x22)
        for unit in text.utf8 {
            switch unit {
            case 0x22, 0x5C: out += [0x5C, unit]
            case 0..<0x20, 0x7F:
                let digits = Array("0123456789abcdef".utf8)
                out += Array("\\u00".utf8) + [digits[Int(unit >> 4)], digits[Int(unit & 15)]]
            default: out.append(unit)
            }
        }
        out.append(0x22)
    }
}
