import Blobs
import Catalog
package import Core
package import XetFormat

/// A file that somebody may read over Xet.
package struct XetFile: Sendable {
    package let size: Int64
    let digest: Digest
    /// nil where it came by another door: then it is served as if it had been cut into even chunks.
    let terms: [XetTerm]?
}

/// How to put a file, or a range of it, together.
package struct XetPlan: Sendable {
    package struct Span: Sendable {
        package let chunks: Range<Int>
        /// Of the serialised xorb, half-open.
        package let bytes: ByteRange
        /// What `openXorbRange` takes: allows reading these bytes for an hour.
        package let capability: String
    }
    package let offsetIntoFirstRange: Int64
    package let terms: [ShardTerm]
    /// Each xorb once, in the order of first use.
    package let xorbs: [(hash: XetHash, spans: [Span])]
}

extension Hub {
    /// What clients call the bytes of a file: their genuine id where they came by Xet, else one that
    /// says the same to `xetFile`. nil for no bytes. One point read: cheap enough for an event loop.
    package func xetHash(of digest: Digest, size: Int64) throws -> String? {
        guard size > 0 else { return nil }
        if let hash = try catalog.read({ try $0.xetHash(of: digest) }) { return XetHash(bytes: hash).description }
        return VirtualFile(digest: digest, size: size).fileID.description
    }

    /// The file of an id, if `who` may read its bytes; else it is unknown.
    package func xetFile(_ id: XetHash, for who: Principal) throws -> XetFile {
        try catalog.read { rows in
            let genuine = try rows.blob(ofXetFile: id.bytes)
            let digest = genuine?.digest ?? id.digest
            guard let size = try rows.readable([digest], user: who.userID, seesAll: who.seesAll, now: clock())[digest]?.size else {
                throw HubError(.unknownFile, "there is no file \(id) here that you can read; check the id, or ask for a new token")
            }
            return XetFile(size: size, digest: digest, terms: genuine == nil ? nil : try rows.xetFile(id.bytes)?.terms)
        }
    }

    /// - Parameter range: nil for all of it.
    package func plan(_ file: XetFile, _ range: ByteRange?) async throws -> XetPlan {
        guard let terms = file.terms else {
            let virtual = VirtualFile(digest: file.digest, size: file.size)
            let first = Int((range?.lower ?? 0) / VirtualFile.rawXorb)
            return try await sealed(virtual.reconstruction(range)) { place, _, bytes in
                .part(of: file.digest, size: file.size, index: first + place, bytes)
            }
        }
        let plan = try await blobs.onDisk { [self] in try reconstruction(of: terms, range) }
        return try await sealed(plan) { _, xorb, bytes in .xorb(xorb, bytes) }
    }

    /// Reads the chunk lists of the xorbs that the range touches, and of no others.
    private func reconstruction(of stored: [XetTerm], _ range: ByteRange?) throws -> Reconstruction {
        // A stand-in for the names, to find the terms touched.
        let unnamed = stored.map { ShardTerm(xorb: .zero, rawLength: $0.size, chunks: $0.chunks) }
        let touched = try Reconstruction.touched(unnamed, by: range)
        let before = unnamed[..<touched.lowerBound].reduce(0) { $0 + Int64($1.rawLength) }
        var names: [Int64: XetHash] = [:]
        var layouts: [XetHash: XorbLayout] = [:]
        for term in stored[touched] where names[term.xorb] == nil {
            guard let xorb = try catalog.read({ try $0.xorb(id: term.xorb) }) else {
                throw HubError(.storageDamaged, "a file refers to a xorb that is gone; run 'grayling verify --store'")
            }
            let name = XetHash(bytes: xorb.hash)
            names[term.xorb] = name
            layouts[name] = XorbLayout(try chunks(of: xorb))
        }
        let terms = stored[touched].map { ShardTerm(xorb: names[$0.xorb] ?? .zero, rawLength: $0.size, chunks: $0.chunks) }
        let inside = range.map { ByteRange($0.lower - before, max($0.lower, $0.upper) - before) }
        return try Reconstruction(of: terms, range: inside, layouts: layouts)
    }

    /// - Parameter what: the slice for bytes of a xorb, and of the how-manieth that is.
    private func sealed(_ plan: Reconstruction, _ what: (Int, XetHash, ByteRange) -> XorbSlice) async throws -> XetPlan {
        var xorbs: [(XetHash, [XetPlan.Span])] = []
        for (place, fetch) in plan.fetches.enumerated() {
            var spans: [XetPlan.Span] = []
            for span in fetch.spans {
                spans.append(XetPlan.Span(chunks: span.chunks, bytes: span.bytes, capability: try await seal(what(place, fetch.xorb, span.bytes))))
            }
            xorbs.append((fetch.xorb, spans))
        }
        return XetPlan(offsetIntoFirstRange: plan.offsetIntoFirstRange, terms: plan.terms, xorbs: xorbs)
    }
}
