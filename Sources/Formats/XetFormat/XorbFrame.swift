/// The 8 bytes in front of every chunk of a serialised xorb (Xet specification, xorb format).
package struct XorbFrame: Hashable, Sendable {
    package static let headerLength = 8

    package enum Scheme: UInt8, Sendable, CaseIterable {
        case stored = 0
        case lz4 = 1
        /// Bytes 0, 4, 8, … first, then 1, 5, 9, … and so on, and LZ4 over that.
        case groupedLZ4 = 2
    }

    package var scheme: Scheme
    /// Bytes that follow the header.
    package var bodyLength: Int
    /// Bytes of the chunk itself, 1 … 131,072.
    package var rawLength: Int

    package init(scheme: Scheme, bodyLength: Int, rawLength: Int) {
        self.scheme = scheme
        self.bodyLength = bodyLength
        self.rawLength = rawLength
    }

    /// The frame of a chunk that is sent as it is.
    package init(stored length: Int) { self.init(scheme: .stored, bodyLength: length, rawLength: length) }

    /// Version 0, u24 body, scheme, u24 raw: little-endian, so that the whole is one number.
    package var word: UInt64 {
        UInt64(bodyLength) << 8 | UInt64(scheme.rawValue) << 32 | UInt64(rawLength) << 40
    }

    package var bytes: [UInt8] { withUnsafeBytes(of: word.littleEndian) { Array($0) } }
}
