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
        if let decoded = text.utf8.withContiguousStorageIfAvailable(decode) { return decoded }
        return Array(text.utf8).withUnsafeBufferPointer(decode)
    }

    /// Four digits at a time: commits carry files of megabytes this way.
    private static func decode(_ units: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        var end = units.count
        while end > 0, units.count - end <= 2, units[end - 1] == 0x3D { end -= 1 }
        guard units.count - end <= 2, end % 4 != 1 else { return nil }
        // Every bit that a digit cannot have, of all digits seen.
        var seen: UInt8 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: end / 4 * 3 + 3) { out, written in
            values.withUnsafeBufferPointer { values in
                var (i, o) = (0, 0)
                while i + 4 <= end {
                    let (a, b) = (values[Int(units[i])], values[Int(units[i + 1])])
                    let (c, d) = (values[Int(units[i + 2])], values[Int(units[i + 3])])
                    seen |= a | b | c | d
                    out[o] = a << 2 | b >> 4
                    out[o + 1] = b << 4 | c >> 2
                    out[o + 2] = c << 6 | d
                    i += 4
                    o += 3
                }
                if end - i >= 2 {
                    let (a, b) = (values[Int(units[i])], values[Int(units[i + 1])])
                    seen |= a | b
                    out[o] = a << 2 | b >> 4
                    o += 1
                    if end - i == 3 {
                        let c = values[Int(units[i + 2])]
                        seen |= c
                        out[o] = b << 4 | c >> 2
                        o += 1
                    }
                }
                written = o
            }
        }
        return seen & 0xC0 == 0 ? bytes : nil
    }

    /// The value of each digit; 255 for what is none.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xFF, count: 256)
        for (value, digit) in (digits + standardDigits.suffix(2)).enumerated() { values[Int(digit)] = UInt8(value < 64 ? value : value - 2) }
        return values
    }()
}
