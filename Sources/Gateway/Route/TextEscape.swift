/// The inside of a JSON text (RFC 8259 section 7), byte by byte.
struct TextEscape {
    enum Piece {
        case byte(UInt8)
        case scalar(Unicode.Scalar)
        /// The text is over.
        case quote
        /// In the middle of an escape.
        case pending
        case invalid
    }

    /// A backslash came, and its letter has yet to come.
    var isOpen = false
    private var digitsLeft = 0
    private var unit: UInt32 = 0
    /// The first half of a surrogate pair.
    private var high: UInt32 = 0

    mutating func take(_ byte: UInt8) -> Piece {
        if digitsLeft > 0 {
            guard let digit = byte.hexValue else { return .invalid }
            unit = unit << 4 | UInt32(digit)
            digitsLeft -= 1
            return digitsLeft == 0 ? whole() : .pending
        }
        if isOpen {
            isOpen = false
            if byte == 0x75 {
                digitsLeft = 4
                unit = 0
                return .pending
            }
            high = 0
            switch byte {
            case 0x22, 0x5C, 0x2F: return .byte(byte)
            case 0x62: return .byte(8)
            case 0x66: return .byte(12)
            case 0x6E: return .byte(10)
            case 0x72: return .byte(13)
            case 0x74: return .byte(9)
            default: return .invalid
            }
        }
        switch byte {
        case 0x5C:
            isOpen = true
            return .pending
        case 0x22:
            high = 0
            return .quote
        case 0..<0x20: return .invalid
        default:
            high = 0
            return .byte(byte)
        }
    }

    private mutating func whole() -> Piece {
        if high != 0, (0xDC00...0xDFFF).contains(unit) {
            let value = 0x10000 + (high - 0xD800) << 10 + (unit - 0xDC00)
            high = 0
            return Unicode.Scalar(value).map { .scalar($0) } ?? .invalid
        }
        high = 0
        if (0xD800...0xDBFF).contains(unit) {
            high = unit
            return .pending
        }
        return .scalar(Unicode.Scalar(unit) ?? "\u{FFFD}")
    }
}
