package import Core
import Glibc
import Synchronization

extension DiskBlobStore {
    package func completeUpload(_ id: UploadID, owner: Int64, now: Instant) async throws -> Written {
        let (session, data) = try await onDisk {
            let (session, _) = try self.find(id, owner: owner, now: now)
            let data = try session.folder.data()
            if data != nil { try session.seal() }
            return (session, data)
        }
        guard let data else { return try await onDisk { try self.finishAgain(session) } }
        do {
            await session.hashingEnds()
            try await hashReceived(session, data)
            return try await onDisk { try self.finish(session, data) }
        } catch {
            // Nothing was lost: whoever asks again begins the sums anew.
            session.spoil()
            session.unseal()
            throw error
        }
    }

    private func finish(_ session: UploadSession, _ data: SharedFile) throws -> Written {
        let meta = session.meta
        let (digest, gitID) = session.sums.finish()
        guard digest == meta.digest else {
            // Nobody can tell which part is wrong, so none of them is worth keeping.
            try forget(session.folder.id)
            throw HubError.digestMismatch(expected: meta.digest, received: digest)
        }
        probe.reached(.uploadCompared)  // 1. compare before it has a name
        try Disk.attempt("fchmod") { fchmod(data.descriptor, 0o444) }
        try data.stamp(clock?())
        try data.sync()
        let wasNew = try uploads.withLock { sessions in
            // Aborted and begun again meanwhile: the file of that name has other bytes.
            guard sessions[session.folder.id] === session else { throw HubError.unknownUpload(session.folder.id) }
            return try naming.withLock { _ in
                if try renewLocked(digest, size: meta.size) { return false }
                try Disk.rename(layout.uploadData(session.folder.id), layout.blob(digest))
                return true
            }
        }
        try syncName(of: digest)  // 2. named, and the name is on disk
        probe.reached(.uploadRenamed)
        try forget(session.folder.id)  // 3. the upload is no more
        probe.reached(.uploadForgotten)
        return Written(digest: digest, size: meta.size, gitID: gitID, wasNew: wasNew)
    }

    /// The bytes have left the upload already: an earlier end came as far as naming them.
    private func finishAgain(_ session: UploadSession) throws -> Written {
        let meta = session.meta
        let isHere = try renew(meta.digest, size: meta.size)
        if isHere { try syncName(of: meta.digest) }
        try forget(session.folder.id)
        guard isHere else { throw HubError.unknownUpload(session.folder.id) }
        return Written(digest: meta.digest, size: meta.size, gitID: nil, wasNew: false)
    }
}
