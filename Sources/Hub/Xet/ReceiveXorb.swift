import Blobs
import Catalog
package import Core
package import NIOCore
package import XetFormat

extension Hub {
    /// Stores the chunks of a xorb: on disk, then known to be this user's to refer to. False where it
    /// was known; the bytes are proved all the same, because whoever sent them may refer to them.
    package func receiveXorb<Body: AsyncSequence & Sendable>(_ hash: XetHash, _ body: Body, by who: Principal) async throws -> Bool
    where Body.Element == ByteBuffer {
        let user = try mayUpload(who)
        let intake = XorbIntake(expected: hash)
        let raw = RawChunks(body: body, intake: intake, blobs: blobs)
        let known = try catalog.read { try $0.xorb(hash.bytes) }
        if let known, try await blobs.missing(from: [known.pack, known.list]).isEmpty {
            for try await _ in raw {}
            let isStillKnown = try await catalog.write(by: who.name, at: clock()) { tx in
                guard try tx.rows.xorb(hash.bytes)?.id == known.id, try tx.touchXorb(known.id) else { return false }
                try tx.addSender(user.id, of: known.id)
                return true
            }
            guard isStillKnown else {
                throw HubError(.unavailable, "the xorb \(hash) was being removed just then; send it again")
            }
            return false
        }
        let pack = try await blobs.write(raw, expected: nil, size: nil)
        probe.reached(.xorbStored)
        let list = try await blobs.write(ChunkList.encode(intake.chunks))
        probe.reached(.xorbListed)
        let draft = XorbDraft(
            hash: hash.bytes, pack: pack.digest, list: list.digest, listSize: list.size, chunks: intake.chunks.count, size: pack.size,
            queryable: intake.chunks.enumerated().filter(\.element.hash.isQueryable).map { ($0.element.hash.bytes, $0.offset) })
        // Not a change that readers would notice: no name, file or right is another after it.
        try await catalog.write(by: who.name, at: clock()) { try $0.addXorb(draft, sender: user.id) }
        probe.reached(.xorbCommitted)
        return known == nil
    }

    func mayUpload(_ who: Principal) throws(HubError) -> Principal.User {
        let user = try who.requireUser()
        guard user.ceiling >= .writer else {
            throw HubError(.notPermitted, "this token only reads; sending files needs a token of the role writer")
        }
        return user
    }
}
