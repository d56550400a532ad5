package import Core

/// The plan by which a client puts a file, or a range of it, together (Xet specification, file reconstruction).
package struct Reconstruction: Hashable, Sendable {
    /// Bytes to drop from the front of the first term. The last term may overshoot; the client cuts it.
    package var offsetIntoFirstRange: Int64 = 0
    /// The terms touched, trimmed to the chunks touched.
    package var terms: [ShardTerm] = []
    /// What to fetch, each xorb once, in the order of first use. Every term's chunks lie inside one span.
    package var fetches: [Fetch] = []

    package struct Fetch: Hashable, Sendable {
        package var xorb: XetHash
        package var spans: [Span]

        package init(xorb: XetHash, spans: [Span]) {
            self.xorb = xorb
            self.spans = spans
        }
    }

    package struct Span: Hashable, Sendable {
        package var chunks: Range<Int>
        /// In the serialised form of scheme 0, half-open.
        package var bytes: ByteRange

        package init(chunks: Range<Int>, bytes: ByteRange) {
            self.chunks = chunks
            self.bytes = bytes
        }
    }

    /// A plan for no bytes.
    package init() {}

    /// - Parameters:
    ///   - terms: the whole file, in order.
    ///   - range: nil for all of it; what reaches behind the end is cut off.
    ///   - layouts: of every xorb that `touched` names, at least.
    /// Throws `.rangeNotSatisfiable` where the range begins at the end or behind it, and `.storageDamaged` where a layout
    /// is missing or contradicts its term.
    package init(of terms: [ShardTerm], range: ByteRange?, layouts: [XetHash: XorbLayout]) throws(HubError) {
        let range = try Self.clamp(range, size: terms.reduce(0) { $0 + Int64($1.rawLength) })
        let (indices, before) = Self.overlap(terms, range)
        var offset = before
        for index in indices {
            let term = terms[index]
            guard let layout = layouts[term.xorb], term.chunks.upperBound <= layout.chunkCount,
                layout.rawBytes(of: term.chunks).count == Int64(term.rawLength)
            else {
                let run = "chunks \(term.chunks.lowerBound) to \(term.chunks.upperBound) of xorb \(term.xorb), \(term.rawLength) bytes"
                throw HubError(.storageDamaged, "term \(index) of the file needs \(run), but the store has no such run")
            }
            // The term's part of the range, as raw offsets in the xorb.
            let begin = layout.rawOffset(ofChunk: term.chunks.lowerBound)
            let lower = begin + max(0, range.lower - offset)
            let upper = begin + min(Int64(term.rawLength), range.upper - offset)
            let chunks = layout.chunk(atRaw: lower)..<layout.chunk(atRaw: upper - 1) + 1
            let bytes = layout.rawBytes(of: chunks)
            if self.terms.isEmpty { offsetIntoFirstRange = lower - bytes.lower }
            self.terms.append(ShardTerm(xorb: term.xorb, rawLength: UInt32(bytes.count), chunks: chunks))
            offset += Int64(term.rawLength)
        }
        fetches = Self.merged(self.terms, layouts)
    }

    /// The terms that a range touches: load the layouts of these xorbs, and only these.
    package static func touched(_ terms: [ShardTerm], by range: ByteRange?) throws(HubError) -> Range<Int> {
        overlap(terms, try clamp(range, size: terms.reduce(0) { $0 + Int64($1.rawLength) })).indices
    }

    static func clamp(_ range: ByteRange?, size: Int64) throws(HubError) -> ByteRange {
        guard let range else { return ByteRange(0, size) }
        guard range.lower < size, range.count > 0 else {
            throw HubError(.rangeNotSatisfiable, "the range begins at byte \(range.lower), but the file has \(size) bytes")
        }
        return ByteRange(range.lower, min(range.upper, size))
    }

    /// Indices of the terms in a range, and the bytes of the file in front of the first of them.
    private static func overlap(_ terms: [ShardTerm], _ range: ByteRange) -> (indices: Range<Int>, before: Int64) {
        var (first, before) = (0, Int64(0))
        while first < terms.count, before + Int64(terms[first].rawLength) <= range.lower {
            before += Int64(terms[first].rawLength)
            first += 1
        }
        var (last, end) = (first, before)
        while last < terms.count, end < range.upper {
            end += Int64(terms[last].rawLength)
            last += 1
        }
        return (first..<last, before)
    }

    /// Chunk runs that overlap or touch become one span.
    private static func merged(_ terms: [ShardTerm], _ layouts: [XetHash: XorbLayout]) -> [Fetch] {
        var order: [XetHash] = []
        var runs: [XetHash: [Range<Int>]] = [:]
        for term in terms {
            if runs[term.xorb] == nil { order.append(term.xorb) }
            runs[term.xorb, default: []].append(term.chunks)
        }
        return order.map { xorb in
            var joined: [Range<Int>] = []
            for run in runs[xorb, default: []].sorted(by: { $0.lowerBound < $1.lowerBound }) {
                if let last = joined.last, run.lowerBound <= last.upperBound {
                    joined[joined.count - 1] = last.lowerBound..<max(last.upperBound, run.upperBound)
                } else {
                    joined.append(run)
                }
            }
            return Fetch(
                xorb: xorb,
                spans: joined.compactMap { run in layouts[xorb].map { Span(chunks: run, bytes: $0.serialisedBytes(of: run)) } })
        }
    }
}
