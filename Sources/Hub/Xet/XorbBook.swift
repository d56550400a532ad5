import Blobs
import Catalog
import Core
import XetFormat

/// The xorbs that one shard refers to, as far as its sender may. Remembers those used last: terms of one
/// xorb come close together.
struct XorbBook {
    struct Page {
        let facts: XorbFacts
        let chunks: [XetChunk]
        let layout: XorbLayout
        let runs: [Range<Int>]
    }

    private let hub: Hub
    private let who: Principal
    private var pages: [XetHash: Page] = [:]
    private var order: [XetHash] = []
    private var held = 0
    /// Chunks in memory: about 11 MiB.
    private static let most = 1 << 18

    init(hub: Hub, who: Principal) {
        self.hub = hub
        self.who = who
    }

    /// The xorb of a term, if the sender may refer to these chunks of it. One that others sent is refused
    /// in the words for one that nobody sent. Blocks on the disk.
    mutating func xorb(_ term: ShardTerm) throws -> Page {
        let page = try pages[term.xorb] ?? open(term.xorb)
        guard page.runs.contains(where: { $0.lowerBound <= term.chunks.lowerBound && term.chunks.upperBound <= $0.upperBound }) else {
            if page.runs == [0..<page.chunks.count] {
                throw HubError(
                    .invalidRequest, "chunks \(term.chunks) were referred to, but the xorb \(term.xorb) has only \(page.chunks.count)")
            }
            throw unknown(term.xorb)
        }
        return page
    }

    private mutating func open(_ hash: XetHash) throws -> Page {
        let found = try hub.catalog.read { rows in
            try rows.xorb(hash.bytes).map { ($0, try rows.runs(of: $0, user: who.userID, seesAll: who.seesAll)) }
        }
        guard let (facts, runs) = found, !runs.isEmpty, try hub.blobs.isComplete([facts.pack, facts.list]) else { throw unknown(hash) }
        let chunks = try hub.chunks(of: facts)
        let page = Page(facts: facts, chunks: chunks, layout: XorbLayout(chunks), runs: runs)
        while held + chunks.count > Self.most, let oldest = order.first {
            order.removeFirst()
            held -= pages.removeValue(forKey: oldest)?.chunks.count ?? 0
        }
        pages[hash] = page
        order.append(hash)
        held += chunks.count
        return page
    }

    private func unknown(_ hash: XetHash) -> HubError {
        HubError(
            .blobsMissing,
            "the xorb \(hash) is not here, or not yours to refer to: the client remembers an upload that this server does not; remove the folder 'xet' in HF_HOME (usually ~/.cache/huggingface/xet) and upload again",
            details: ["xorb": "\(hash)"])
    }
}
