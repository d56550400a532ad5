import Blobs
import Catalog
package import Core
package import NIOCore

/// What arrived: its name, and whether it was news.
package struct ReceivedBlob: Hashable, Sendable {
    package let digest: Digest
    package let size: Int64
    package let wasNew: Bool
}

extension Hub {
    /// Stores a body under its digest: on disk, then known to be this user's for a day.
    package func receive<Body: AsyncSequence & Sendable>(
        _ body: Body, expected: Digest, size: Int64?, by who: Principal
    ) async throws -> ReceivedBlob where Body.Element == ByteBuffer {
        let user = try mayWrite(who)
        if let size { try check(size: size) }
        return try await keep([try await blobs.write(body, expected: expected, size: size)], for: user, by: who)[0]
    }

    /// Stores many small blobs that become durable together. The caller bounds a batch.
    package func receive(_ batch: [(expected: Digest, bytes: ByteBuffer)], by who: Principal) async throws -> [ReceivedBlob] {
        let user = try mayWrite(who)
        let written = try await blobs.writeBatch(batch.map { BatchItem(expected: $0.expected, bytes: $0.bytes) })
        return try await keep(written, for: user, by: who)
    }

    package func beginUpload(_ digest: Digest, size: Int64, by who: Principal) async throws -> UploadFacts {
        let user = try mayWrite(who)
        try check(size: size)
        return try await blobs.beginUpload(digest: digest, size: size, partSize: nil, owner: user.id, now: clock())
    }

    package func upload(_ id: UploadID, by who: Principal) async throws -> UploadFacts {
        try await blobs.upload(id, owner: try who.requireUser().id, now: clock())
    }

    package func receivePart<Body: AsyncSequence & Sendable>(
        _ number: Int, of id: UploadID, _ body: Body, by who: Principal
    ) async throws where Body.Element == ByteBuffer {
        let user = try mayWrite(who)
        try await blobs.writePart(id, number: number, body: body, expected: nil, owner: user.id, now: clock())
    }

    package func completeUpload(_ id: UploadID, by who: Principal) async throws -> ReceivedBlob {
        let user = try mayWrite(who)
        return try await keep([try await blobs.completeUpload(id, owner: user.id, now: clock())], for: user, by: who)[0]
    }

    package func abortUpload(_ id: UploadID, by who: Principal) async throws {
        try await blobs.abortUpload(id, owner: try who.requireUser().id, now: clock())
    }

    /// Bytes before rows: the blobs are on disk by now.
    private func keep(_ written: [Written], for user: Principal.User, by who: Principal) async throws -> [ReceivedBlob] {
        try await change(by: who) { tx in
            for blob in written { try tx.addBlob(blob.digest, size: blob.size, gitID: blob.gitID) }
            try tx.lease(written.map(\.digest), user: user.id, hasBytes: true, until: tx.now.adding(seconds: Self.leaseSeconds))
        }
        return written.map { ReceivedBlob(digest: $0.digest, size: $0.size, wasNew: $0.wasNew) }
    }

    private func mayWrite(_ who: Principal) throws(HubError) -> Principal.User {
        let user = try who.requireUser()
        guard user.ceiling >= .writer else {
            throw HubError(.notPermitted, "this token only reads; sending files needs a token of the role writer")
        }
        return user
    }

    private func check(size: Int64) throws(HubError) {
        guard size >= 0, size <= limits.fileSize else {
            throw HubError(.tooLarge, "a file has at most \(limits.fileSize) bytes here, not \(size); split it, as sharded checkpoints do")
        }
    }
}
