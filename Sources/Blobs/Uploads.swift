package import Core
import Glibc
import NIOCore
import Synchronization

/// Uploads in parts: beginning, finding and forgetting them.
extension DiskBlobStore {
    package func beginUpload(digest: Digest, size: Int64, partSize: Int64?, owner: Int64, now: Instant) async throws -> UploadFacts {
        let meta = try UploadMeta(digest: digest, size: size, partSize: partSize, owner: owner)
        let id = try meta.id
        return try await onDisk {
            try self.uploads.withLock { sessions in
                let folder = UploadFolder(self.layout, id)
                if let (_, active) = try folder.meta(), self.expiry(active) > now, try folder.data() != nil {
                    try folder.touch(now)
                } else {
                    sessions.removeValue(forKey: id)?.close()
                    try folder.remove()
                    try self.requireSpace(for: size)
                    try folder.make(meta, now: now)
                }
                let session = try self.session(folder, meta, in: &sessions)
                return self.facts(id, session, active: now)
            }
        }
    }

    package func upload(_ id: UploadID, owner: Int64, now: Instant) async throws -> UploadFacts {
        try await onDisk {
            let (session, active) = try self.find(id, owner: owner, now: now)
            return self.facts(id, session, active: active)
        }
    }

    package func abortUpload(_ id: UploadID, owner: Int64, now: Instant) async throws {
        try await onDisk {
            _ = try self.find(id, owner: owner, now: now)
            try self.forget(id)
        }
    }

    package func expireUploads(now: Instant) async throws -> Int {
        try await onDisk {
            var count = 0
            for name in try Disk.names(in: self.layout.uploads) {
                guard let id = try? UploadID(parsing: name), let (_, active) = try UploadFolder(self.layout, id).meta(),
                    self.expiry(active) <= now, self.uploads.withLock({ $0[id]?.isBusy }) != true
                else { continue }
                try self.forget(id)
                count += 1
            }
            return count
        }
    }

    /// The upload, if it is this owner's and alive. Blocks on the disk.
    func find(_ id: UploadID, owner: Int64, now: Instant) throws -> (UploadSession, active: Instant) {
        try uploads.withLock { sessions in
            let folder = UploadFolder(layout, id)
            guard let (meta, active) = try folder.meta(), meta.owner == owner, expiry(active) > now else {
                throw HubError.unknownUpload(id)
            }
            return (try session(folder, meta, in: &sessions), active)
        }
    }

    func forget(_ id: UploadID) throws {
        try uploads.withLock { sessions in
            sessions.removeValue(forKey: id)?.close()
            try UploadFolder(layout, id).remove()
        }
    }

    private func session(_ folder: UploadFolder, _ meta: UploadMeta, in sessions: inout [UploadID: UploadSession]) throws -> UploadSession {
        if let session = sessions[folder.id] { return session }
        let session = try UploadSession(folder, meta)
        sessions[folder.id] = session
        return session
    }

    private func expiry(_ active: Instant) -> Instant { active.adding(seconds: uploadLifetime) }

    private func facts(_ id: UploadID, _ session: UploadSession, active: Instant) -> UploadFacts {
        UploadFacts(
            id: id, digest: session.meta.digest, size: session.meta.size, partSize: session.meta.partSize,
            received: session.received, expires: expiry(active), owner: session.meta.owner)
    }

    /// Better now than after hours of sending. Other uploads may still use it up first.
    private func requireSpace(for size: Int64) throws(HubError) {
        var facts = statvfs()
        try Disk.attempt("statvfs") { statvfs(layout.root, &facts) }
        let free = UInt64(facts.f_bavail).multipliedReportingOverflow(by: UInt64(facts.f_frsize))
        guard !free.overflow, free.partialValue < UInt64(size) else { return }
        var error = HubError.storageFull
        error.details = ["needed": "\(size)", "free": "\(free.partialValue)"]
        throw error
    }
}
