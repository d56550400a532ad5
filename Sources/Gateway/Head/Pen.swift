import Glibc
import NIOCore

/// Writes bytes one after another into memory that was measured before.
struct Pen {
    private let start: UnsafeMutableRawPointer
    private var at: UnsafeMutableRawPointer
    private let end: UnsafeMutableRawPointer

    init(_ memory: UnsafeMutableRawBufferPointer) {
        // A buffer that was asked for at least one byte has a base.
        start = memory.baseAddress ?? UnsafeMutableRawPointer(bitPattern: 8)!
        at = start
        end = start + memory.count
    }

    var written: Int { at - start }

    @inline(__always)
    mutating func put(_ bytes: Bytes) {
        guard let base = bytes.baseAddress else { return }
        precondition(end - at >= bytes.count, "a head was measured too small")
        memcpy(at, base, bytes.count)
        at += bytes.count
    }

    @inline(__always)
    mutating func put(_ text: StaticString) { put(Bytes(start: text.utf8Start, count: text.utf8CodeUnitCount)) }

    @inline(__always)
    mutating func put(_ bytes: [UInt8]) { bytes.withUnsafeBytes { put($0) } }

    @inline(__always)
    mutating func put(byte: UInt8) {
        precondition(at < end, "a head was measured too small")
        at.storeBytes(of: byte, as: UInt8.self)
        at += 1
    }

    mutating func put(decimal value: Int) {
        var rest = max(0, value)
        withUnsafeTemporaryAllocation(byteCount: 20, alignment: 1) { digits in
            var first = 20
            repeat {
                first -= 1
                digits[first] = UInt8(0x30 + rest % 10)
                rest /= 10
            } while rest > 0
            put(Bytes(rebasing: digits[first...]))
        }
    }

    /// Milliseconds with three digits behind the point.
    mutating func put(milliseconds span: Int64) {
        let micros = Int(max(0, span) / 1000)
        put(decimal: micros / 1000)
        put(byte: 0x2E)
        put(byte: UInt8(0x30 + micros / 100 % 10))
        put(byte: UInt8(0x30 + micros / 10 % 10))
        put(byte: UInt8(0x30 + micros % 10))
    }

    mutating func put(hex value: UInt64) {
        for shift in stride(from: 60, through: 0, by: -4) {
            let digit = UInt8(truncatingIfNeeded: value >> UInt64(shift)) & 15
            put(byte: digit < 10 ? 0x30 + digit : 0x57 + digit)
        }
    }

    /// The fields that are kept, whole stretches at a time.
    @inline(__always)
    mutating func put(_ bytes: Bytes, _ fields: [Field], drop: (Field) -> Bool) {
        var run: Extent?
        for field in fields {
            if drop(field) {
                if let kept = run { put(bytes.at(kept)) }
                run = nil
            } else if let kept = run {
                run = Extent(start: kept.start, end: field.line.end)
            } else {
                run = field.line
            }
        }
        if let kept = run { put(bytes.at(kept)) }
    }
}

/// A request's name: the client's own where it has one, else 32 hexadecimal digits.
enum RequestID {
    case given(Extent)
    case made(UInt64, UInt64)

    /// Up to 128 visible characters without quotes or separators.
    static func isAcceptable(_ bytes: Bytes) -> Bool {
        (1...128).contains(bytes.count) && bytes.allSatisfy { $0.isTokenByte || $0 == 0x3A || $0 == 0x2F || $0 == 0x3D }
    }
}
