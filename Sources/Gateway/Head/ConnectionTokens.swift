/// What the Connection headers say (RFC 9110 section 7.6.1).
struct ConnectionTokens {
    var hasClose = false
    var hasKeepAlive = false
    var hasUpgrade = false

    /// Marks the fields that are named there. Framing and Host may not be named: a reader that
    /// obeyed would see another message.
    static func read(_ bytes: Bytes, _ fields: inout [Field]) throws(HeadFault) -> ConnectionTokens {
        var tokens = ConnectionTokens()
        for i in fields.indices where fields[i].kind == .connection {
            let value = fields[i].value
            var start = value.start
            while start <= value.end {
                let comma = bytes.index(of: 0x2C, from: start).map { min($0, value.end) } ?? value.end
                var token = Extent(start: start, end: comma)
                while token.start < token.end, bytes[token.start].isBlank { token.start += 1 }
                while token.end > token.start, bytes[token.end - 1].isBlank { token.end -= 1 }
                if !token.isEmpty { try tokens.add(bytes, bytes.at(token), &fields) }
                start = comma + 1
            }
        }
        return tokens
    }

    private mutating func add(_ bytes: Bytes, _ token: Bytes, _ fields: inout [Field]) throws(HeadFault) {
        if token.isText("close") { hasClose = true; return }
        if token.isText("keep-alive") { hasKeepAlive = true; return }
        if token.isText("upgrade") { hasUpgrade = true; return }
        switch Field.Kind(token) {
        case .host, .contentLength, .transferEncoding: throw .badConnection
        default: break
        }
        for i in fields.indices {
            let name = bytes.at(fields[i].name)
            guard name.count == token.count else { continue }
            var isSame = true
            for k in 0..<name.count where (name[k] | 0x20) != (token[k] | 0x20) { isSame = false }
            if isSame { fields[i].isNamed = true }
        }
    }
}
