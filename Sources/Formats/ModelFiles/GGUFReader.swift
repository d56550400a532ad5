import Core

/// Takes numbers and texts off the beginning of a GGUF file.
struct GGUFReader {
    enum Stop: Error {
        /// The bytes given are over; the file goes on.
        case over
        case wrong(String)

        var reason: String? {
            if case .wrong(let reason) = self { reason } else { nil }
        }
    }

    private let bytes: [UInt8]
    private var at = 0
    var isBigEndian = false

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count <= bytes.count - at else { return nil }
        defer { at += count }
        return bytes[at..<(at + count)]
    }

    mutating func skip(_ count: UInt64) throws(Stop) {
        guard count <= UInt64(bytes.count - at) else { throw .over }
        at += Int(count)
    }

    mutating func number<N: FixedWidthInteger & UnsignedInteger>(_ type: N.Type = N.self) throws(Stop) -> N {
        guard let taken = take(N.bitWidth / 8) else { throw .over }
        var value: N = 0
        for (i, byte) in taken.enumerated() {
            value |= N(byte) << N(8 * (isBigEndian ? taken.count - 1 - i : i))
        }
        return value
    }

    mutating func count(_ what: String, atMost most: UInt64) throws(Stop) -> Int64 {
        let count: UInt64 = try number()
        guard count <= most else { throw .wrong("it announces \(count) \(what); at most \(most) are believed") }
        return Int64(count)
    }

    /// A text of at most 64 KiB; nil for a longer one, which is passed over.
    mutating func text() throws(Stop) -> String? {
        let length: UInt64 = try number()
        guard length <= 65_535 else {
            try skip(length)
            return nil
        }
        guard let taken = take(Int(length)) else { throw .over }
        guard !taken.contains(0) else { return nil }
        return String(validating: taken, as: UTF8.self)
    }
}
