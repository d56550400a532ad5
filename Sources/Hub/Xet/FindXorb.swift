import Blobs
import Catalog
package import Core
import NIOCore
package import XetFormat

/// A xorb that somebody may refer to as a whole.
package struct FoundXorb: Hashable, Sendable {
    package let chunks: Int
    package let size: Int64
    /// Bytes with a header before each chunk.
    package var serialisedSize: Int64 { size + Int64(chunks * XorbFrame.headerLength) }
}

extension Hub {
    /// How long clients may count on a xorb after they sent it, referred to it or were told of it. They
    /// remember for three weeks, with a week of slack.
    package static let xorbPromiseSeconds: Int64 = 28 * 86_400
    /// A touch is noted at most so often; a xorb lives so much longer than promised.
    static let xorbTouchSeconds: Int64 = 3600

    /// The xorb, if this user may refer to all of it and all of its bytes are here: then it need not
    /// be sent. To others it is as unknown as one that nobody sent.
    package func xorb(_ hash: XetHash, for who: Principal) async throws -> FoundXorb? {
        let found: XorbFacts? = try catalog.read { rows in
            guard let xorb = try rows.xorb(hash.bytes),
                try rows.runs(of: xorb, user: who.userID, seesAll: who.seesAll) == [0..<xorb.chunks]
            else { return nil }
            return xorb
        }
        guard let found, try await blobs.missing(from: [found.pack, found.list]).isEmpty, try await promise(found) else { return nil }
        return FoundXorb(chunks: found.chunks, size: found.size)
    }

    /// Notes that somebody was told of a xorb. False where it has gone meanwhile.
    func promise(_ xorb: XorbFacts) async throws -> Bool {
        guard xorb.touched.adding(seconds: Self.xorbTouchSeconds) < clock() else { return true }
        return try await catalog.write(by: "grayling", at: clock()) { tx in
            try tx.rows.xorb(id: xorb.id)?.hash == xorb.hash && tx.touchXorb(xorb.id)
        }
    }

    /// The list of a xorb's chunks. Blocks on the disk.
    func chunks(of xorb: XorbFacts) throws -> [XetChunk] {
        let source = try blobs.open(xorb.list)
        let most = Int64(ChunkList.headerLength + XetLimits.chunksInXorb * ChunkList.recordLength)
        guard source.size <= most else { throw damagedList(xorb) }
        let bytes = try source.read(ByteRange(0, source.size))
        let chunks = try ChunkList.decode(Array(bytes.readableBytesView))
        guard chunks.count == xorb.chunks else { throw damagedList(xorb) }
        return chunks
    }

    private func damagedList(_ xorb: XorbFacts) -> HubError {
        HubError(.storageDamaged, "\(xorb.list) is not the chunk list of its xorb; run 'grayling verify --store'")
    }
}
