/// RFC 4648 without Foundation: reads both alphabets, with or without padding; writes the one for
/// URLs without it, and the standard one with it.
package enum Base64 {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    private static let standardDigits = Array(digits.dropLast(2)) + Array("+/".utf8)

    package static func encodeURL(_ bytes: some Collection<UInt8>) -> String {
        String(decoding: encode(bytes, digits), as: UTF8.self)
    }

    /// With padding, as structured fields want it (RFC 8941, section 3.3.5).
    package static func encode(_ bytes: some Collection<UInt8>) -> String {
        var out = encode(bytes, standardDigits)
        while out.count % 4 != 0 { out.append(0x3D) }
        return String(decoding: out, as: UTF8.self)
    }

    private static func encode(_ bytes: some Collection<UInt8>, _ digits: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity((bytes.count * 4 + 2) / 3)
        var bits: UInt32 = 0
        var count = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            count += 8
            while count >= 6 {
                count -= 6
                out.append(digits[Int(bits >> UInt32(count) & 63)])
            }
        }
        if count > 0 { out.append(digits[Int(bits << UInt32(6 - count) & 63)]) }
        return out
    }

    /// nil where the text is not base 64.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        var out: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        var digitCount = 0
        var padding = 0
        for unit in text.utf8 {
            let value: UInt32
            switch unit {
            case 0x41...0x5A: value = UInt32(unit) - 0x41
            case 0x61...0x7A: value = UInt32(unit) - 0x61 + 26
            case 0x30...0x39: value = UInt32(unit) - 0x30 + 52
            case 0x2B, 0x2D: value = 62
            case 0x2F, 0x5F: value = 63
            case 0x3D:
                padding += 1
                continue
            default: return nil
            }
            guard padding == 0 else { return nil }
            digitCount += 1
            bits = bits << 6 | value
            count += 6
            if count >= 8 {
                count -= 8
                out.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        guard padding <= 2, digitCount % 4 != 1 else { return nil }
        return out
    }
}
