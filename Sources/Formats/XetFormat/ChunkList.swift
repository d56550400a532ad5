package import Core

/// A list of chunks as bytes, to be kept beside their data: `GRAYXCL1`, the count as u32, four zero bytes; then for each
/// chunk its 32 bytes of hash and its length as u32. Integers are little-endian. A list proves itself: the Merkle root
/// over it is the xorb's name.
package enum ChunkList {
    package static let headerLength = 16
    package static let recordLength = 36
    private static let tag = Array("GRAYXCL1".utf8)

    /// Each length must be 1 … 131,072.
    package static func encode(_ chunks: [XetChunk]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(headerLength + chunks.count * recordLength)
        bytes += tag
        bytes.append(UInt32(chunks.count))
        bytes.append(UInt32(0))
        for chunk in chunks {
            bytes.append(chunk.hash)
            bytes.append(UInt32(chunk.length))
        }
        return bytes
    }

    /// Throws `.storageDamaged` for whatever `encode` would not have written, and for more than `most` chunks.
    package static func decode(_ bytes: UnsafeRawBufferPointer, most: Int = XetLimits.chunksInXorb) throws(HubError) -> [XetChunk] {
        guard bytes.count >= headerLength, bytes.starts(with: tag), bytes.u32(at: 12) == 0 else {
            throw damaged("does not begin with the tag of such lists")
        }
        let count = Int(bytes.u32(at: 8))
        guard count <= most else { throw damaged("states \(count) chunks; expected at most \(most)") }
        guard bytes.count == headerLength + count * recordLength else {
            throw damaged("has \(bytes.count) bytes; expected \(headerLength + count * recordLength) for \(count) chunks")
        }
        var chunks: [XetChunk] = []
        chunks.reserveCapacity(count)
        for at in stride(from: headerLength, to: bytes.count, by: recordLength) {
            let length = Int(bytes.u32(at: at + 32))
            guard 1...XetLimits.longestChunk ~= length else {
                throw damaged("gives chunk \(chunks.count) \(length) bytes; expected 1 to \(XetLimits.longestChunk)")
            }
            chunks.append(XetChunk(hash: bytes.hash(at: at), length: length))
        }
        return chunks
    }

    package static func decode(_ bytes: [UInt8], most: Int = XetLimits.chunksInXorb) throws(HubError) -> [XetChunk] {
        let result = bytes.withUnsafeBytes { bytes in Result { () throws(HubError) in try decode(bytes, most: most) } }
        return try result.get()
    }

    private static func damaged(_ fault: String) -> HubError { HubError(.storageDamaged, "the chunk list \(fault)") }
}
