package import Core
import Glibc
import NIOCore

extension DiskBlobStore {
    /// nil where the blob has no recipe.
    func recipe(of digest: Digest) throws -> Recipe? {
        guard let file = try Disk.openIfPresent(layout.blob(digest, .recipe)) else { return nil }
        return try Recipe(text: file.text(limit: Recipe.mostBytes), of: digest)
    }

    package func writeRecipe(
        _ extents: [Extent], expected: Digest, progress: (@Sendable (Int64) -> Void)? = nil
    ) async throws -> Written {
        if let whole = try await onDisk({ try self.wholeBlob(of: extents, expected: expected) }) { return whole }
        let (recipe, source) = try await onDisk { try self.resolve(extents) }
        let sums = RunningDigest(gitSize: source.size)
        let pipeline = Pipeline(on: threads, [{ block, _ in sums.update(block) }])
        do {
            var done: Int64 = 0
            for try await block in BlobBytes(source: source, range: ByteRange(0, source.size), threads: threads) {
                done += Int64(block.readableBytes)
                try await pipeline.push(block)
                progress?(done)
            }
            if let failure = await pipeline.settle() { throw failure }
        } catch {
            _ = await pipeline.settle()
            throw error
        }
        return try await onDisk {
            let (digest, gitID) = sums.finish()
            try Self.compare(digest, source.size, with: expected, nil)
            let isHere = try self.renew(digest, size: source.size)
            if isHere { try self.syncName(of: digest) }
            let wasNew = try !isHere && self.keep(recipe, as: digest)
            return Written(digest: digest, size: source.size, gitID: gitID, wasNew: wasNew)
        }
    }

    /// All of one blob, if that is what the runs are.
    private func wholeBlob(of extents: [Extent], expected: Digest) throws -> Written? {
        let runs = Recipe(joining: extents).extents
        guard runs.count == 1, let run = runs.first, run.offset == 0, try size(of: run.digest) == run.count else { return nil }
        try Self.compare(run.digest, run.count, with: expected, nil)
        guard try renew(run.digest, size: run.count) else { return nil }
        try syncName(of: run.digest)
        return Written(digest: run.digest, size: run.count, gitID: nil, wasNew: false)
    }

    private func keep(_ recipe: Recipe, as digest: Digest) throws -> Bool {
        let incoming = try IncomingFile(in: layout, writeCall)
        probe.reached(.ingestCreated)
        try incoming.write(ByteBuffer(string: recipe.text), at: 0)
        probe.reached(.ingestCompared)
        return try keep(incoming, as: digest, size: recipe.size, .recipe)
    }

    /// Traces every run back to whole files, so that a recipe never reads through another one,
    /// and opens them, so that they stay readable while they are hashed.
    func resolve(_ extents: [Extent]) throws -> (Recipe, ByteSource) {
        let named = Set(extents.map(\.digest)).sorted()
        let missing = try named.filter { try !isWhole($0) }
        guard missing.isEmpty else { throw HubError.blobsMissing(missing) }
        // Their age begins anew, so that the collector spares them until the recipe stands.
        for digest in named { _ = try renew(digest, size: size(of: digest) ?? 0) }
        var sources: [Digest: (ByteSource, [Extent])] = [:]
        var runs: [Extent] = []
        var opened: [ByteSource.Extent] = []
        for extent in extents {
            if sources[extent.digest] == nil { sources[extent.digest] = try runsOfWholeFiles(extent.digest) }
            guard let (source, wholes) = sources[extent.digest], extent.offset >= 0, extent.count >= 0,
                extent.count <= source.size, extent.offset <= source.size - extent.count
            else {
                throw HubError(
                    .invalidRequest,
                    "an extent asks \(extent.digest) for \(extent.count) bytes from \(extent.offset), more than it has: correct the list of extents")
            }
            let range = ByteRange(extent.offset, extent.offset + extent.count)
            opened += source.slice(range)
            runs += wholes.slice(range)
        }
        let recipe = Recipe(joining: runs)
        guard recipe.extents.count <= Recipe.mostExtents else {
            throw HubError(
                .tooLarge, "\(recipe.extents.count) extents are more than the \(Recipe.mostExtents) a blob can be made of: use longer ones")
        }
        return (recipe, ByteSource(size: recipe.size, extents: opened))
    }

    private func runsOfWholeFiles(_ digest: Digest) throws -> (ByteSource, [Extent]) {
        let source = try open(digest)
        if try Disk.status(layout.blob(digest)) == nil, let recipe = try recipe(of: digest) {
            return (source, try wholeRuns(of: recipe, digest))
        }
        return (source, [Extent(digest: digest, offset: 0, count: source.size)])
    }
}

extension [Extent] {
    /// The runs that hold `range` of what these add up to.
    func slice(_ range: ByteRange) -> [Extent] {
        var result: [Extent] = []
        var start: Int64 = 0
        for extent in self {
            let lower = Swift.max(range.lower, start)
            let upper = Swift.min(range.upper, start + extent.count)
            if lower < upper { result.append(Extent(digest: extent.digest, offset: extent.offset + lower - start, count: upper - lower)) }
            start += extent.count
        }
        return result
    }
}
