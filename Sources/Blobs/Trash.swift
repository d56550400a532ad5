package import Core
import Glibc
import Synchronization

/// Removing in two steps: condemned blobs can be given back until they are purged.
extension DiskBlobStore {
    package func moveToTrash(_ digests: [Digest], at now: Instant, untouchedSince: Instant?) async throws -> [Digest] {
        try await onDisk {
            var shards: Set<String> = []
            let moved = try digests.filter { digest in
                let forms = try self.condemn(digest, at: now, untouchedSince)
                for form in forms { shards.insert(self.layout.shard(form, of: digest)) }
                return !forms.isEmpty
            }
            if !moved.isEmpty { try Disk.syncFolder(self.layout.trash) }
            for shard in shards { try Disk.syncFolder(shard) }
            return moved
        }
    }

    private func condemn(_ digest: Digest, at now: Instant, _ untouchedSince: Instant?) throws -> [StorageLayout.Form] {
        try naming.withLock { _ in
            var forms: [(StorageLayout.Form, SharedFile)] = []
            for form in StorageLayout.Form.allCases {
                guard let file = try Disk.openIfPresent(layout.blob(digest, form)) else { continue }
                if let untouchedSince, try file.status().modified > untouchedSince { return [] }
                forms.append((form, file))
            }
            for (form, file) in forms {
                // Stamped before it moves: a crash between the two only makes it look young.
                try file.stamp(now)
                try Disk.rename(layout.blob(digest, form), layout.trashed(digest, form))
            }
            return forms.map(\.0)
        }
    }

    package func restoreFromTrash(_ digest: Digest) async throws -> Bool {
        try await onDisk { try self.restore(digest) }
    }

    private func restore(_ digest: Digest) throws -> Bool {
        var wasThere = false
        for form in StorageLayout.Form.allCases {
            guard let file = try Disk.openIfPresent(layout.trashed(digest, form)) else { continue }
            if form == .recipe {
                try restoreSources(of: Recipe(text: file.text(limit: Recipe.mostBytes), of: digest))
            } else if try isWhole(digest) {
                // It was re-formed, or sent again.
                continue
            }
            try naming.withLock { _ in
                try file.stamp(clock?())
                try Disk.rename(layout.trashed(digest, form), layout.blob(digest, form))
            }
            try Disk.syncFolder(layout.shard(form, of: digest))
            try Disk.syncFolder(layout.trash)
            wasThere = true
        }
        return wasThere
    }

    private func restoreSources(of recipe: Recipe, depth: Int = 0) throws {
        guard depth < Recipe.deepest else { return }
        for source in recipe.sources {
            _ = try restore(source)
            if try Disk.status(layout.blob(source)) == nil, let inner = try self.recipe(of: source) {
                try restoreSources(of: inner, depth: depth + 1)
            }
        }
    }

    package func trash() async throws -> [CondemnedBlob] {
        try await onDisk { try self.condemned().map(\.blob) }
    }

    package func purgeTrash(olderThan moment: Instant) async throws -> [CondemnedBlob] {
        try await onDisk {
            let old = try self.condemned().filter { $0.blob.since < moment }
            for (blob, form) in old { try Disk.remove(self.layout.trashed(blob.digest, form)) }
            if !old.isEmpty { try Disk.syncFolder(self.layout.trash) }
            return old.map(\.blob)
        }
    }

    /// Oldest first.
    private func condemned() throws -> [(blob: CondemnedBlob, form: StorageLayout.Form)] {
        try Disk.names(in: layout.trash).compactMap { name in
            guard let (digest, form) = StorageLayout.condemned(name), let facts = try Disk.status(layout.trashed(digest, form)) else { return nil }
            return (CondemnedBlob(digest: digest, size: Int64(facts.st_size), since: facts.modified), form)
        }.sorted { ($0.0.since, $0.0.digest) < ($1.0.since, $1.0.digest) }
    }
}
