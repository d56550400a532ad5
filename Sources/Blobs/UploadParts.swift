package import Core
import Glibc
package import NIOCore

/// Uploads in parts: the bytes.
extension DiskBlobStore {
    package func writePart<Body: AsyncSequence & Sendable>(
        _ id: UploadID, number: Int, body: Body, expected: Digest?, owner: Int64, now: Instant
    ) async throws where Body.Element == ByteBuffer {
        let (session, data, range, ticket) = try await onDisk {
            let (session, _) = try self.find(id, owner: owner, now: now)
            guard let range = session.meta.plan.range(number) else {
                throw HubError(.invalidRequest, "there is no part \(number): this upload has \(session.meta.plan.count), numbered from 0")
            }
            guard let data = try session.folder.data() else { throw HubError.unknownUpload(id) }
            return (session, data, range, try session.begin(number))
        }
        do {
            try await receive(body, into: session, data, part: number, range, ticket, expected)  // 1. written and compared
            probe.reached(.partWritten)
            try await onDisk {
                try data.syncData()  // 2. its bytes are on disk
                self.probe.reached(.partSynced)
                try session.finish(number, ticket)  // 3. so it counts
                try session.folder.touch(now)
                self.probe.reached(.partMarked)
            }
        } catch {
            session.abandon(number, ticket)
            throw error
        }
        session.hashNext {
            // What cannot be read now is read again, and complained of, when the upload ends.
            try? await self.hashReceived(session, data)
        }
    }

    private func receive<Body: AsyncSequence & Sendable>(
        _ body: Body, into session: UploadSession, _ data: SharedFile, part: Int, _ range: ByteRange,
        _ ticket: UploadSession.Ticket, _ expected: Digest?
    ) async throws where Body.Element == ByteBuffer {
        let sums = RunningDigest()
        let call = writeCall
        var lanes: [Pipeline.Lane] = [
            { block, offset in
                try session.write(part, ticket) { try PositionedWrite.all(of: block, to: data, at: range.lower + offset, call) }
            }
        ]
        if expected != nil { lanes.append { block, _ in sums.update(block) } }
        let pipeline = Pipeline(on: threads, lanes)
        do {
            var blocks = BlockReader(body)
            let first = try await blocks.next()
            let received = try await Self.pump(first, &blocks, into: pipeline, size: range.count)
            if received != range.count { throw HubError.sizeMismatch(expected: range.count, received: received) }
            if let expected { try Self.compare(sums.finish().digest, received, with: expected, nil) }
        } catch {
            _ = await pipeline.settle()
            throw error
        }
    }

    /// Brings the sums up to the first part that is not on disk. Done as parts arrive, it leaves
    /// little to do at the end.
    func hashReceived(_ session: UploadSession, _ data: SharedFile) async throws {
        let file = ByteSource(
            size: session.meta.size,
            extents: [ByteSource.Extent(file: data, offset: 0, count: session.meta.size)])
        while let part = session.nextToHash(), let range = session.meta.plan.range(part) {
            do {
                for position in stride(from: range.lower, to: range.upper, by: BlockSize.bytes) {
                    let block = ByteRange(position, min(range.upper, position + Int64(BlockSize.bytes)))
                    try await onDisk { try session.sums.update(file.read(block)) }
                }
            } catch {
                session.spoil()
                throw error
            }
            session.hashed(part)
        }
    }
}
