import Core

extension CardValue {
    /// The value as JSON (RFC 8259), without spaces, keys in their order. Numbers that JSON cannot
    /// write, such as `.inf`, become null, as in a browser.
    package var json: String {
        var out: [UInt8] = []
        write(to: &out)
        return String(decoding: out, as: UTF8.self)
    }

    private func write(to out: inout [UInt8]) {
        switch self {
        case .null: out += Array("null".utf8)
        case .bool(let flag): out += Array((flag ? "true" : "false").utf8)
        case .int(let number): out += Array("\(number)".utf8)
        case .double(let number): out += Array((number.isFinite ? "\(number)" : "null").utf8)
        case .string(let text): Self.quote(text, to: &out)
        case .list(let items):
            out.append(0x5B)
            for (i, item) in items.enumerated() {
                if i > 0 { out.append(0x2C) }
                item.write(to: &out)
            }
            out.append(0x5D)
        case .object(let members):
            out.append(0x7B)
            for (i, member) in members.enumerated() {
                if i > 0 { out.append(0x2C) }
                Self.quote(member.key, to: &out)
                out.append(0x3A)
                member.value.write(to: &out)
            }
            out.append(0x7D)
        }
    }

    private static func quote(_ text: String, to out: inout [UInt8]) {
        out.append(0x22)
        for unit in text.utf8 {
            switch unit {
            case 0x22, 0x5C: out += [0x5C, unit]
            case 0x0A: out += Array("\\n".utf8)
            case 0x0D: out += Array("\\r".utf8)
            case 0x09: out += Array("\\t".utf8)
            case 0..<0x20, 0x7F: out += Array("\\u00\(Hex.encode([unit]))".utf8)
            default: out.append(unit)
            }
        }
        out.append(0x22)
    }
}
