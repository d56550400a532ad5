import Core
import Foundation

/// Terms as the column keeps them.
enum TermList {
    static func encode(_ terms: [XetTerm]) -> Data {
        var data = Data(capacity: terms.count * 16)
        for term in terms {
            data.append(little: UInt64(bitPattern: term.xorb))
            data.append(little: UInt16(term.chunks.lowerBound))
            data.append(little: UInt16(term.chunks.upperBound))
            data.append(little: term.size)
        }
        return data
    }

    static func decode(_ data: Data) -> [XetTerm] {
        data.withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count - 15, by: 16).map { at in
                let first = Int(bytes.little(UInt16.self, at: at + 8))
                return XetTerm(
                    xorb: Int64(bitPattern: bytes.little(UInt64.self, at: at)),
                    chunks: first..<max(first, Int(bytes.little(UInt16.self, at: at + 10))), size: bytes.little(UInt32.self, at: at + 12))
            }
        }
    }
}

/// Runs of chunks as the column keeps them.
enum ChunkRuns {
    static func encode(_ runs: [Range<Int>]) -> Data {
        var data = Data(capacity: runs.count * 4)
        for run in runs {
            data.append(little: UInt16(run.lowerBound))
            data.append(little: UInt16(run.upperBound))
        }
        return data
    }

    static func decode(_ data: Data) -> [Range<Int>] {
        data.withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count - 3, by: 4).map { at in
                let first = Int(bytes.little(UInt16.self, at: at))
                return first..<max(first, Int(bytes.little(UInt16.self, at: at + 2)))
            }
        }
    }

    /// In order; runs that overlap or touch become one.
    static func joined(_ runs: [Range<Int>]) -> [Range<Int>] {
        var joined: [Range<Int>] = []
        for run in runs.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = joined.last, run.lowerBound <= last.upperBound {
                joined[joined.count - 1] = last.lowerBound..<max(last.upperBound, run.upperBound)
            } else {
                joined.append(run)
            }
        }
        return joined
    }
}

extension Data {
    fileprivate mutating func append(little number: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func little<Number: FixedWidthInteger>(_ type: Number.Type, at offset: Int) -> Number {
        Number(littleEndian: loadUnaligned(fromByteOffset: offset, as: type))
    }
}
