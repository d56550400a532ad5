package import Core
import Glibc
import NIOCore
import Synchronization

/// Keeping bytes once that are here twice, in the order that `Storage/README.md` promises.
extension DiskBlobStore {
    package func reform(_ digest: Digest, over extents: [Extent]) async throws -> Bool {
        guard let (own, recipe, source) = try await onDisk({ try self.prepare(digest, extents) }),
            try await isSame(own, source)  // 1. compared, byte by byte
        else { return false }
        return try await onDisk {
            let incoming = try IncomingFile(in: self.layout, self.writeCall)
            try incoming.write(ByteBuffer(string: recipe.text), at: 0)
            try incoming.file.sync()
            // 2. the recipe has its name; until the whole file goes, that is what is read
            guard try self.nameBeside(incoming, recipe, of: digest) else { return false }
            try Disk.syncFolder(self.layout.shard(.recipe, of: digest))
            self.probe.reached(.reformNamed)
            guard try self.dropWhole(digest, recipe) else { return false }  // 3. the whole file is in the trash
            try Disk.syncFolder(self.layout.trash)
            try Disk.syncFolder(self.layout.shard(.whole, of: digest))
            self.probe.reached(.reformDropped)
            return true
        }
    }

    package func finishReforming() async throws -> Int {
        var count = 0
        for shard in UInt8.min...UInt8.max {
            let doubles = try await onDisk {
                try Disk.names(in: self.layout.shard(.recipe, shard)).compactMap(StorageLayout.digest(named:))
                    .filter { try Disk.status(self.layout.blob($0)) != nil }
            }
            for digest in doubles {
                // A recipe that cannot be read or followed is no reason to drop anything.
                guard let recipe = try? await onDisk({ try self.recipe(of: digest) }),
                    (try? await reform(digest, over: recipe.extents)) == true
                else { continue }
                count += 1
            }
        }
        return count
    }

    /// The file itself, and what is to take its place; nil where that cannot be.
    private func prepare(_ digest: Digest, _ extents: [Extent]) throws -> (ByteSource, Recipe, ByteSource)? {
        guard try Disk.status(layout.blob(digest)) != nil else { return nil }
        let own = try open(digest)
        let (recipe, source) = try resolve(extents)
        guard recipe.size == own.size, try mayStand(recipe, for: digest) else { return nil }
        return (own, recipe, source)
    }

    /// Sources must be whole files, and others. Both are asked again under the lock: of two blobs
    /// that are re-formed over each other at the same time, one has to stay.
    private func mayStand(_ recipe: Recipe, for digest: Digest) throws -> Bool {
        try recipe.sources.allSatisfy { try $0 != digest && Disk.status(layout.blob($0)) != nil }
    }

    private func isSame(_ a: ByteSource, _ b: ByteSource) async throws -> Bool {
        for start in stride(from: 0, to: a.size, by: 1 << 20) {
            let range = ByteRange(start, min(a.size, start + 1 << 20))
            guard try await onDisk({ try a.read(range) == b.read(range) }) else { return false }
        }
        return true
    }

    private func nameBeside(_ incoming: IncomingFile, _ recipe: Recipe, of digest: Digest) throws -> Bool {
        try naming.withLock { _ in
            guard try Disk.status(layout.blob(digest)) != nil, try mayStand(recipe, for: digest) else { return false }
            try incoming.rename(to: layout.blob(digest, .recipe))
            return true
        }
    }

    private func dropWhole(_ digest: Digest, _ recipe: Recipe) throws -> Bool {
        try naming.withLock { _ in
            guard let file = try Disk.openIfPresent(layout.blob(digest)), try mayStand(recipe, for: digest) else { return false }
            // Young, so that a collection that has looked already spares them.
            for source in recipe.sources { try Disk.openIfPresent(layout.blob(source))?.stamp(clock?()) }
            let now = clock?()
            try Disk.openIfPresent(layout.blob(digest, .recipe))?.stamp(now)
            try file.stamp(now)
            try Disk.rename(layout.blob(digest), layout.trashed(digest, .whole))
            return true
        }
    }
}
