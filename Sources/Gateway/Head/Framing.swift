/// Where a message's body ends (RFC 9112 section 6.3), read so strictly that no other reader can
/// come to another answer.
enum Framing: Hashable {
    case none
    case length(Int)
    case chunked
    /// Answers alone: at the end of the connection.
    case untilClose

    /// - Returns: nil where neither header is given.
    static func read(_ bytes: Bytes, _ fields: [Field], isOldVersion: Bool) throws(HeadFault) -> Framing? {
        var length: Int?
        var isChunked = false
        for field in fields {
            switch field.kind {
            case .contentLength:
                guard length == nil else { throw .repeatedLength }
                length = try decimal(bytes.at(field.value))
            case .transferEncoding:
                guard !isChunked, !isOldVersion, bytes.at(field.value).isText("chunked") else { throw .badEncoding }
                isChunked = true
            default: break
            }
        }
        if isChunked {
            guard length == nil else { throw .lengthAndEncoding }
            return .chunked
        }
        return length.map { .length($0) }
    }

    /// Digits alone, at most 18: no sign, no list, no blank.
    static func decimal(_ bytes: Bytes) throws(HeadFault) -> Int {
        guard (1...18).contains(bytes.count) else { throw .badLength }
        var value = 0
        for byte in bytes {
            guard byte.isDigit else { throw .badLength }
            value = value * 10 + Int(byte - 0x30)
        }
        return value
    }
}
