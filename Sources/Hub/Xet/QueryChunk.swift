import Blobs
import Catalog
package import Core
package import XetFormat

extension Hub {
    /// How long a client may use an answer.
    private static let answerSeconds: Int64 = 21 * 86_400
    /// Xorbs that are looked at for one question.
    private static let candidates = 16

    /// Where a chunk lies, as a shard (Xet specification, global deduplication), if it lies where
    /// this user may refer to it. Names of chunks that are none of theirs are hidden in it: whoever knows
    /// them could refer to them.
    package func shard(ofChunk hash: XetHash, for who: Principal) async throws -> [UInt8]? {
        let found = try catalog.read { rows in
            try rows.xorbs(holding: hash.bytes, limit: Self.candidates).compactMap { xorb, place -> (XorbFacts, [Range<Int>])? in
                let runs = try rows.runs(of: xorb, user: who.userID, seesAll: who.seesAll)
                return runs.contains { $0.contains(place) } ? (xorb, runs) : nil
            }
        }
        for (xorb, runs) in found {
            guard try await blobs.missing(from: [xorb.pack, xorb.list]).isEmpty, try await promise(xorb) else { continue }
            let mask = XetHash(bytes: randomBytes(XetHash.byteCount))
            let now = clock().seconds
            return try await blobs.onDisk { [self] in
                let chunks = try self.chunks(of: xorb).enumerated().map { place, chunk in
                    runs.contains { $0.contains(place) } ? chunk : XetChunk(hash: chunk.hash.keyed(for: mask), length: chunk.length)
                }
                return ShardWriter.answer(
                    [ShardXorb(hash: XetHash(bytes: xorb.hash), chunks: chunks)], created: now, expires: now + Self.answerSeconds)
            }
        }
        return nil
    }
}
