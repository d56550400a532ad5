import Blobs
import Catalog
import Core
import Logging
import XetFormat

extension Hub {
    /// Bytes that came whole by another door and again in xorbs are kept once: a xorb that lies completely
    /// inside whole files becomes a recipe over them. What fails here only costs space; a collection
    /// or the next registration ends it.
    func keepOnce(_ shard: CheckedShard) async {
        do {
            let whole = try await wholeFiles(of: shard)
            guard !whole.isEmpty else { return }
            for xorb in Set(whole.flatMap { $0.terms.map(\.xorb) }).sorted() {
                guard let facts = try catalog.read({ try $0.xorb(id: xorb) }), let runs = try await runs(of: facts, in: whole) else { continue }
                _ = try await blobs.reform(facts.pack, over: runs)
            }
        } catch {
            logger.warning("bytes that came by two doors are kept twice for now", metadata: ["error": "\(error)"])
        }
    }

    /// Those that are files of their own on disk, and not just the pack of one xorb.
    private func wholeFiles(of shard: CheckedShard) async throws -> [CheckedShard.File] {
        var found: [CheckedShard.File] = []
        for file in shard.files where !file.terms.isEmpty && file.extents.contains(where: { $0.digest != file.digest }) {
            if try await blobs.recipeSources(of: file.digest).isEmpty { found.append(file) }
        }
        return found
    }

    /// Where each chunk of a xorb lies in these files; nil unless all do.
    private func runs(of xorb: XorbFacts, in files: [CheckedShard.File]) async throws -> [Extent]? {
        try await blobs.onDisk { [self] in
            let layout = XorbLayout(try chunks(of: xorb))
            var places = [Extent?](repeating: nil, count: layout.chunkCount)
            for file in files where file.digest != xorb.pack {
                var start: Int64 = 0
                for term in file.terms {
                    if term.xorb == xorb.id {
                        let before = layout.rawOffset(ofChunk: term.chunks.lowerBound)
                        for chunk in term.chunks where places[chunk] == nil {
                            let bytes = layout.rawBytes(of: chunk..<chunk + 1)
                            places[chunk] = Extent(digest: file.digest, offset: start + bytes.lower - before, count: bytes.count)
                        }
                    }
                    start += Int64(term.size)
                }
            }
            return places.contains { $0 == nil } ? nil : places.compactMap { $0 }
        }
    }
}
