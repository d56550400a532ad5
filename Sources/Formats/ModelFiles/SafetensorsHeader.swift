package import Core
import FoundationEssentials

/// What the beginning of a `.safetensors` file says of the rest: an unsigned 64-bit little-endian
/// length, so many bytes of JSON, then the tensors without gaps (safetensors format).
package struct SafetensorsHeader: Hashable, Sendable {
    /// The longest JSON that is read: 16 MiB. The format allows 100 MB.
    package static let longest = 16 << 20

    /// Elements by dtype, such as `["BF16": 6738415616]`.
    package let parameters: [String: Int64]
    package let tensorCount: Int
    /// Bytes of all tensors.
    package let dataSize: Int64
    package let metadata: [String: String]

    /// Elements of all tensors.
    package let total: Int64

    /// How many bytes to read, from the start of the file, for `init(parsing:)`.
    /// - Parameter start: at least the first 8 bytes.
    package static func byteCount(from start: some Collection<UInt8>) throws(HubError) -> Int {
        guard start.count >= 8 else { throw fail("it has \(start.count) bytes, and the length of the header alone takes 8") }
        var length: UInt64 = 0
        for (i, byte) in start.prefix(8).enumerated() { length |= UInt64(byte) << UInt64(8 * i) }
        guard length >= 2 else { throw fail("its header has \(length) bytes, too few for '{}'") }
        guard length <= UInt64(longest) else { throw fail("its header has \(length) bytes; at most \(longest) are read") }
        return 8 + Int(length)
    }

    /// - Parameter bytes: the beginning of the file, at least up to the end of the header.
    /// - Parameter fileSize: what the tensors must fill exactly; nil where it is not known.
    package init(parsing bytes: [UInt8], fileSize: Int64? = nil) throws(HubError) {
        let end = try Self.byteCount(from: bytes)
        guard bytes.count >= end else { throw Self.fail("its header needs \(end) bytes, and \(bytes.count) are there") }
        guard bytes[8] == 0x7B else { throw Self.fail("its header does not begin with '{'") }
        let read: RawHeader
        do {
            read = try JSONDecoder().decode(RawHeader.self, from: Data(bytes[8..<end]))
        } catch {
            throw Self.fail("its header is not the JSON of the format: \(error.sentence)")
        }
        var parameters: [String: Int64] = [:]
        var total: Int64 = 0
        var spans: [(lower: Int64, upper: Int64)] = []
        spans.reserveCapacity(read.tensors.count)
        for (name, tensor) in read.tensors {
            let count = try Self.check(tensor, name)
            // The sum first: no dtype has more than all of them.
            let (sum, overflow) = total.addingReportingOverflow(count)
            guard !overflow else { throw Self.fail("its tensors have more elements than can be counted") }
            total = sum
            parameters[tensor.dtype, default: 0] += count
            spans.append((tensor.offsets[0], tensor.offsets[1]))
        }
        spans.sort { $0 < $1 }
        var filled: Int64 = 0
        for span in spans {
            guard span.lower == filled else { throw Self.fail("its tensors overlap or leave a gap at byte \(filled) of the data") }
            filled = span.upper
        }
        if let fileSize, Int64(end) + filled != fileSize {
            throw Self.fail("its header describes \(Int64(end) + filled) bytes, but the file has \(fileSize)")
        }
        self.parameters = parameters
        self.total = total
        tensorCount = read.tensors.count
        dataSize = filled
        metadata = read.metadata
    }

    /// The number of elements; throws where shape, dtype and place do not agree.
    private static func check(_ tensor: RawTensor, _ name: String) throws(HubError) -> Int64 {
        let name = FilePath.printable(name.prefix(80))
        guard let bits = TensorType.bits[tensor.dtype] else {
            throw fail("the dtype '\(FilePath.printable(tensor.dtype.prefix(20)))' of '\(name)' is unknown")
        }
        guard tensor.offsets.count == 2, 0 <= tensor.offsets[0], tensor.offsets[0] <= tensor.offsets[1] else {
            throw fail("the data_offsets of '\(name)' are not two ascending numbers")
        }
        var count: Int64 = 1
        for side in tensor.shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: side)
            guard side >= 0, !overflow else { throw fail("the shape of '\(name)' is negative or too large") }
            count = product
        }
        let (all, overflow) = count.multipliedReportingOverflow(by: bits)
        guard !overflow, all % 8 == 0, all / 8 == tensor.offsets[1] - tensor.offsets[0] else {
            throw fail("'\(name)' has \(tensor.offsets[1] - tensor.offsets[0]) bytes, which is not what its shape and dtype need")
        }
        return count
    }

    private static func fail(_ reason: String) -> HubError { HubError(.invalidRequest, "this is not a safetensors file: \(reason)") }
}

private struct RawTensor: Decodable {
    let dtype: String
    let shape: [Int64]
    let offsets: [Int64]
    enum CodingKeys: String, CodingKey {
        case dtype, shape
        case offsets = "data_offsets"
    }
}

private struct RawHeader: Decodable {
    var tensors: [(String, RawTensor)] = []
    var metadata: [String: String] = [:]

    init(from decoder: any Decoder) throws {
        let object = try decoder.container(keyedBy: AnyKey.self)
        for key in object.allKeys {
            if key.stringValue == "__metadata__" {
                metadata = try object.decode([String: String].self, forKey: key)
            } else {
                tensors.append((key.stringValue, try object.decode(RawTensor.self, forKey: key)))
            }
        }
    }
}
