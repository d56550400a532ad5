// Little-endian fields at any alignment. The caller has checked that they are inside.
extension UnsafeRawBufferPointer {
    func u32(at offset: Int) -> UInt32 { UInt32(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self)) }
    func u64(at offset: Int) -> UInt64 { UInt64(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt64.self)) }
    func hash(at offset: Int) -> XetHash {
        XetHash(bytes: UnsafeRawBufferPointer(rebasing: self[offset..<offset + XetHash.byteCount]))
    }
}

extension [UInt8] {
    mutating func append(_ number: UInt32) { Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) } }
    mutating func append(_ number: UInt64) { Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) } }
    mutating func append(_ hash: XetHash) { hash.withUnsafeBytes { append(contentsOf: $0) } }
}
