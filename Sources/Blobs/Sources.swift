package import Core
import Glibc

/// Where the bytes of a recipe are now. Its sources were whole files when it was written; one that
/// has been re-formed since is a recipe itself and is read through.
extension DiskBlobStore {
    /// The runs of whole files that a recipe stands for. What is not here at all is left as it is: a
    /// reader may still find it in the trash.
    func wholeRuns(of recipe: Recipe, _ digest: Digest, depth: Int = 0) throws -> [Extent] {
        guard depth < Recipe.deepest else {
            throw HubError.damaged(digest, "its recipe leads through \(depth) others")
        }
        var reformed: [Digest: [Extent]] = [:]
        for source in recipe.sources where try Disk.status(layout.blob(source)) == nil {
            guard let inner = try self.recipe(of: source) else { continue }
            reformed[source] = try wholeRuns(of: inner, source, depth: depth + 1)
        }
        if reformed.isEmpty { return recipe.extents }
        return recipe.extents.flatMap { extent in
            reformed[extent.digest]?.slice(ByteRange(extent.offset, extent.offset + extent.count)) ?? [extent]
        }
    }

    /// Whether every file that a recipe reads is here and long enough.
    func hasSources(_ recipe: Recipe, of digest: Digest) throws -> Bool {
        var ends: [Digest: Int64] = [:]
        for extent in try wholeRuns(of: recipe, digest) {
            ends[extent.digest] = max(ends[extent.digest] ?? 0, extent.offset + extent.count)
        }
        return try ends.allSatisfy { source, end in try Disk.status(layout.blob(source)).map { Int64($0.st_size) >= end } ?? false }
    }

    /// Whether all bytes of a blob are here, as far as the sizes of files tell.
    func isWhole(_ digest: Digest) throws -> Bool {
        if try Disk.status(layout.blob(digest)) != nil { return true }
        do {
            return try recipe(of: digest).map { try hasSources($0, of: digest) } ?? false
        } catch let error as HubError where error.code == .storageDamaged {
            return false
        }
    }

    /// Whether all bytes of these blobs are here. Blocks on the disk.
    package func isComplete(_ digests: [Digest]) throws -> Bool { try digests.allSatisfy(isWhole) }

    package func recipeSources(of digest: Digest) async throws -> [Digest] {
        try await onDisk {
            if try Disk.status(self.layout.blob(digest)) != nil { return [] }
            guard let recipe = try self.recipe(of: digest) else { throw HubError.unknownBlob(digest) }
            var found: Set<Digest> = []
            try self.addSources(of: recipe, to: &found)
            return found.sorted()
        }
    }

    private func addSources(of recipe: Recipe, to found: inout Set<Digest>) throws {
        for source in recipe.sources where found.insert(source).inserted {
            if try Disk.status(layout.blob(source)) == nil, let inner = try self.recipe(of: source) { try addSources(of: inner, to: &found) }
        }
    }
}
