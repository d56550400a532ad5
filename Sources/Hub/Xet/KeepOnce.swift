import Blobs
import Catalog
import Core
import Logging
import XetFormat

extension Hub {
    /// Bytes that came before, whole by another door or in other xorbs, are kept once: a xorb that lies
    /// completely inside files that are made of other bytes becomes a recipe over those. What fails here
    /// only costs space; a collection or the next registration ends it.
    func keepOnce(_ shard: CheckedShard) async {
        do {
            let files = shard.files.filter { file in file.extents.contains { $0.digest != file.digest } }
            var standing: [Set<Digest>] = []
            for file in files { standing.append(Set(try await blobs.recipeSources(of: file.digest))) }
            for xorb in Set(files.flatMap { $0.terms.map(\.xorb) }).sorted() {
                guard let facts = try catalog.read({ try $0.xorb(id: xorb) }) else { continue }
                // A file that stands on the xorb itself says nothing about where else its bytes are.
                let others = zip(files, standing).filter { !$1.contains(facts.pack) }.map(\.0)
                guard !others.isEmpty, let runs = try await runs(of: facts, in: others) else { continue }
                _ = try await blobs.reform(facts.pack, over: runs)
            }
        } catch {
            logger.warning("bytes that came by two doors are kept twice for now", metadata: ["error": "\(error)"])
        }
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
