package import Core

/// A name in the Xet protocol: of a chunk, a xorb, a file, or of whatever else is named by 32 bytes.
package struct XetHash: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The bytes as four little-endian words, which is how the protocol prints them.
    package let words: Words
    package struct Words: Hashable, Sendable {
        package var a: UInt64
        package var b: UInt64
        package var c: UInt64
        package var d: UInt64
    }
    package static let byteCount = 32
    package static let zero = XetHash(0, 0, 0, 0)
    /// 32 × FF: where a list of a shard ends.
    package static let bookend = XetHash(.max, .max, .max, .max)

    package init(_ a: UInt64, _ b: UInt64, _ c: UInt64, _ d: UInt64) {
        words = Words(a: a, b: b, c: c, d: d)
    }

    /// Reads exactly 32 bytes.
    package init(bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count == Self.byteCount, "a Xet hash has 32 bytes")
        func word(_ at: Int) -> UInt64 { UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)) }
        self.init(word(0), word(8), word(16), word(24))
    }

    package init(bytes: [UInt8]) {
        self = bytes.withUnsafeBytes { XetHash(bytes: $0) }
    }

    /// Reads the string form: 64 lowercase hexadecimal digits, each group of 16 being one little-endian word.
    /// Anything else is `.invalidDigest`.
    package init(parsing text: some StringProtocol) throws(HubError) {
        var words: [UInt64] = [0, 0, 0, 0]
        var count = 0
        for unit in text.utf8 {
            guard count < 64, unit.isLowercaseHexDigit else { throw Self.refused(String(text.prefix(80))) }
            words[count / 16] = words[count / 16] << 4 | UInt64(unit < 0x3A ? unit - 0x30 : unit - 0x61 + 10)
            count += 1
        }
        guard count == 64 else { throw Self.refused(String(text.prefix(80))) }
        self.init(words[0], words[1], words[2], words[3])
    }

    private static func refused(_ text: String) -> HubError {
        HubError(.invalidDigest, "'\(text)' is not a Xet hash: expected 64 lowercase hexadecimal digits")
    }

    /// A SHA-256 as shards carry it: its usual text, read as if it were the text of a Xet hash.
    package init(_ digest: Digest) {
        let bytes = digest.bytes
        func word(_ at: Int) -> UInt64 { bytes[at..<at + 8].reduce(0) { $0 << 8 | UInt64($1) } }
        self.init(word(0), word(8), word(16), word(24))
    }

    /// The other way round: the SHA-256 whose usual text is this one's text.
    package var digest: Digest { Digest(bytes: textBytes) }

    /// The 32 bytes themselves, not the order they are printed in.
    package var bytes: [UInt8] { withUnsafeBytes { Array($0) } }
    package var description: String { Hex.encode(textBytes) }

    package func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        let little = Words(a: words.a.littleEndian, b: words.b.littleEndian, c: words.c.littleEndian, d: words.d.littleEndian)
        return try Swift.withUnsafeBytes(of: little, body)
    }

    /// In the order of the string forms.
    package static func < (x: XetHash, y: XetHash) -> Bool {
        let (x, y) = (x.words, y.words)
        return (x.a, x.b, x.c, x.d) < (y.a, y.b, y.c, y.d)
    }

    /// Whether clients may ask which xorb holds a chunk of this name (Xet specification, global deduplication).
    /// The first chunk of a file may be asked for whatever its name.
    package var isQueryable: Bool { words.d % 1024 == 0 }

    private var textBytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.byteCount)
        for word in [words.a, words.b, words.c, words.d] {
            for shift in stride(from: UInt64(56), through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: word >> shift)) }
        }
        return bytes
    }
}
