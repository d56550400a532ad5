import Core
import NIOCore

/// A JSON value on its way out (RFC 8259), written without a detour over types: lists of thousands of
/// files are asked for often.
indirect enum JSON: Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    case text(String)
    case list([JSON])
    /// In this order. Members that are nil are left out.
    case object([(String, JSON?)])
    /// JSON that was written before.
    case written(String)

    static func int(_ number: Int) -> JSON { .int(Int64(number)) }
    static func texts(_ texts: some Sequence<String>) -> JSON { .list(texts.map(JSON.text)) }
    static func text(_ text: String?) -> JSON? { text.map { JSON.text($0) } }

    var bytes: ByteBuffer {
        var out = ByteBuffer()
        write(to: &out)
        return out
    }

    private func write(to out: inout ByteBuffer) {
        switch self {
        case .null: out.writeStaticString("null")
        case .bool(let flag): out.writeString(flag ? "true" : "false")
        case .int(let number): out.writeString(String(number))
        case .text(let text): Self.quote(text, to: &out)
        case .written(let text): out.writeString(text)
        case .list(let items):
            out.writeInteger(UInt8(ascii: "["))
            for (i, item) in items.enumerated() {
                if i > 0 { out.writeInteger(UInt8(ascii: ",")) }
                item.write(to: &out)
            }
            out.writeInteger(UInt8(ascii: "]"))
        case .object(let members):
            out.writeInteger(UInt8(ascii: "{"))
            var isFirst = true
            for (key, value) in members {
                guard let value else { continue }
                if !isFirst { out.writeInteger(UInt8(ascii: ",")) }
                isFirst = false
                Self.quote(key, to: &out)
                out.writeInteger(UInt8(ascii: ":"))
                value.write(to: &out)
            }
            out.writeInteger(UInt8(ascii: "}"))
        }
    }

    private static func quote(_ text: String, to out: inout ByteBuffer) {
        out.writeInteger(UInt8(ascii: "\""))
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C && $0 != 0x7F }) {
            out.writeString(text)
        } else {
            for unit in text.utf8 {
                switch unit {
                case 0x22, 0x5C:
                    out.writeInteger(UInt8(ascii: "\\"))
                    out.writeInteger(unit)
                case 0x0A: out.writeStaticString("\\n")
                case 0..<0x20, 0x7F: out.writeString("\\u00" + Hex.encode([unit]))
                default: out.writeInteger(unit)
                }
            }
        }
        out.writeInteger(UInt8(ascii: "\""))
    }
}

extension JSON {
    /// Only `id` and the members that were asked for; all where nobody asked.
    func only(_ names: [String]) -> JSON {
        guard !names.isEmpty, case .object(let members) = self else { return self }
        let wanted = Set(names)
        return .object(members.filter { $0.0 == "id" || $0.0 == "_id" || wanted.contains($0.0) })
    }
}
