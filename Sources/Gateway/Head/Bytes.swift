import Glibc

/// Received bytes, looked at where they lie.
typealias Bytes = UnsafeRawBufferPointer

/// A stretch of received bytes, as offsets.
struct Extent: Hashable {
    var start: Int
    var end: Int
    var count: Int { end - start }
    var isEmpty: Bool { end <= start }
    static let none = Extent(start: 0, end: 0)
}

extension Bytes {
    @inline(__always)
    func at(_ extent: Extent) -> Bytes { Bytes(rebasing: self[extent.start..<extent.end]) }

    /// Whether the bytes are these ASCII letters, in any case. `lowercase` has no upper-case letter.
    @inline(__always)
    func isText(_ lowercase: StaticString) -> Bool {
        guard count == lowercase.utf8CodeUnitCount, let base = baseAddress else { return false }
        let wanted = lowercase.utf8Start
        let found = base.assumingMemoryBound(to: UInt8.self)
        var difference: UInt8 = 0
        for i in 0..<count {
            let byte = found[i]
            let isUpper: UInt8 = byte >= 0x41 && byte <= 0x5A ? 0x20 : 0
            difference |= (byte | isUpper) ^ wanted[i]
        }
        return difference == 0
    }

    /// Whether the bytes are exactly these.
    @inline(__always)
    func isExactly(_ text: StaticString) -> Bool {
        count == text.utf8CodeUnitCount && (count == 0 || memcmp(baseAddress!, text.utf8Start, count) == 0)
    }

    @inline(__always)
    func begins(with text: StaticString) -> Bool {
        count >= text.utf8CodeUnitCount && memcmp(baseAddress!, text.utf8Start, text.utf8CodeUnitCount) == 0
    }

    @inline(__always)
    func isSame(as other: some Collection<UInt8>) -> Bool { count == other.count && elementsEqual(other) }

    /// Where the byte is next, from an offset on.
    @inline(__always)
    func index(of byte: UInt8, from start: Int) -> Int? {
        guard start < count, let base = baseAddress, let found = memchr(base + start, Int32(byte), count - start) else { return nil }
        return UnsafeRawPointer(found) - base
    }

    /// Where the text is next, from an offset on.
    func index(of text: StaticString, from start: Int) -> Int? {
        let length = text.utf8CodeUnitCount
        var at = start
        while let found = index(of: text.utf8Start[0], from: at), found + length <= count, let base = baseAddress {
            if memcmp(base + found, text.utf8Start, length) == 0 { return found }
            at = found + 1
        }
        return nil
    }

    var text: String { String(decoding: self, as: UTF8.self) }

    /// FNV-1a: names are looked up by it, with a comparison of the bytes behind it.
    @inline(__always)
    var quickHash: UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in self { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return hash ^ (hash >> 29)
    }
}

extension UInt8 {
    /// A `tchar` of RFC 9110 section 5.6.2, from a map of bits.
    @inline(__always)
    var isTokenByte: Bool {
        if self < 64 { return (0x03ff_6cfa_0000_0000 as UInt64) >> UInt64(self) & 1 == 1 }
        if self < 128 { return (0x57ff_ffff_c7ff_fffe as UInt64) >> UInt64(self - 64) & 1 == 1 }
        return false
    }
    @inline(__always) var isDigit: Bool { self >= 0x30 && self <= 0x39 }
    @inline(__always) var isBlank: Bool { self == 0x20 || self == 0x09 }

    @inline(__always)
    var hexValue: Int? {
        switch self {
        case 0x30...0x39: Int(self) - 0x30
        case 0x41...0x46: Int(self) - 0x41 + 10
        case 0x61...0x66: Int(self) - 0x61 + 10
        default: nil
        }
    }
}
