import CBlake3

/// BLAKE3 under the protocol's keys (Xet specification, hashing).
extension XetHash {
    static let chunkKey = XetHash(bytes: [
        102, 151, 245, 119, 91, 149, 80, 222, 49, 53, 203, 172, 165, 151, 24, 28, 157, 228, 33, 16, 155, 235, 43, 88, 180, 208, 176, 75, 147, 173,
        242, 41
    ])
    static let nodeKey = XetHash(bytes: [
        1, 126, 197, 199, 165, 71, 41, 150, 253, 148, 102, 102, 180, 138, 2, 230, 93, 221, 83, 111, 55, 199, 109, 210, 248, 99, 82, 230, 74, 83,
        113, 63
    ])
    static let verificationKey = XetHash(bytes: [
        127, 24, 87, 214, 206, 86, 237, 102, 18, 127, 249, 19, 231, 165, 195, 243, 164, 205, 38, 213, 181, 219, 73, 230, 65, 36, 152, 127, 40, 251,
        148, 195
    ])

    /// The name of a chunk's raw bytes.
    package static func ofChunk(_ bytes: UnsafeRawBufferPointer) -> XetHash { keyed(chunkKey, bytes) }

    package static func ofChunk(_ bytes: [UInt8]) -> XetHash { bytes.withUnsafeBytes { ofChunk($0) } }

    /// The id of a file whose chunks have this Merkle root.
    package static func ofFile(root: XetHash) -> XetHash { root.withUnsafeBytes { keyed(.zero, $0) } }

    /// What a shard states for a run of chunks of one xorb: only who knows their hashes can state it.
    package static func verification(of chunks: some Sequence<XetHash>) -> XetHash {
        var hasher = XetHasher(key: verificationKey)
        for chunk in chunks { chunk.withUnsafeBytes { hasher.update($0) } }
        return hasher.final()
    }

    /// What stands for this chunk in a shard whose chunk hashes are hidden under `key`. A key of zero hides nothing.
    package func keyed(for key: XetHash) -> XetHash {
        key == .zero ? self : withUnsafeBytes { XetHash.keyed(key, $0) }
    }

    static func keyed(_ key: XetHash, _ bytes: UnsafeRawBufferPointer) -> XetHash {
        finished { out in
            key.withUnsafeBytes { cblake3_hash($0.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.baseAddress, bytes.count, out) }
        }
    }

    /// derive_key of BLAKE3: a name of our own that cannot meet one of the protocol's.
    static func derived(_ context: StaticString, from material: [UInt8]) -> XetHash {
        finished { cblake3_derive(context.utf8Start, context.utf8CodeUnitCount, material, material.count, $0) }
    }

    static func finished(_ write: (UnsafeMutablePointer<UInt8>) -> Void) -> XetHash {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: byteCount) { out in
            write(out.baseAddress!)
            return XetHash(bytes: UnsafeRawBufferPointer(out))
        }
    }
}

/// A keyed hash over bytes that arrive in pieces.
struct XetHasher: Sendable {
    private var state = cblake3_hasher()

    init(key: XetHash) { restart(key: key) }

    mutating func restart(key: XetHash) {
        key.withUnsafeBytes { cblake3_init(&state, $0.baseAddress?.assumingMemoryBound(to: UInt8.self)) }
    }

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        cblake3_update(&state, bytes.baseAddress, bytes.count)
    }

    func final() -> XetHash {
        withUnsafePointer(to: state) { state in XetHash.finished { cblake3_final(state, $0) } }
    }
}
