import Core
import TestKit
import Testing
import XetFormat

@Suite("plans for reading")
struct ReconstructionTests {
    /// Some xorbs with their raw bytes, and a file made of runs of their chunks.
    struct World {
        var raw: [XetHash: [UInt8]] = [:]
        var layouts: [XetHash: XorbLayout] = [:]
        var terms: [ShardTerm] = []
        var content: [UInt8] = []

        init(_ chance: inout Chance) {
            let ids = (0..<chance.number(1...4)).map { XetHash(UInt64($0), 0, 0, 0) }
            for id in ids {
                let lengths = (0..<chance.number(1...12)).map { _ in chance.number(1...50) }
                layouts[id] = XorbLayout(lengths: lengths)
                raw[id] = chance.bytes(lengths.reduce(0, +))
            }
            for _ in 0..<chance.number(1...10) {
                let id = chance.pick(ids)
                guard let layout = layouts[id], let bytes = raw[id] else { continue }
                let start = chance.number(0...layout.chunkCount - 1)
                let run = start..<chance.number(start + 1...layout.chunkCount)
                let part = layout.rawBytes(of: run)
                terms.append(ShardTerm(xorb: id, rawLength: UInt32(part.count), chunks: run))
                content += bytes[Int(part.lower)..<Int(part.upper)]
            }
        }

        /// What a client does with a plan: fetch the spans, unframe them, take each term's chunks, cut both ends.
        func carriedOut(_ plan: Reconstruction, count: Int) throws -> [UInt8] {
            var fetched: [XetHash: [Int: [UInt8]]] = [:]
            for fetch in plan.fetches {
                guard let layout = layouts[fetch.xorb], let bytes = raw[fetch.xorb] else { throw HubError(.unknownBlob, "no such xorb") }
                for span in fetch.spans {
                    let framed = LayoutTests.assembled(try XorbPieces(of: layout, bytes: span.bytes), from: bytes)
                    for (chunk, data) in zip(span.chunks, try XorbMaking.read(framed).raw) {
                        #expect(fetched[fetch.xorb]?[chunk] == nil, "a chunk is fetched twice")
                        fetched[fetch.xorb, default: [:]][chunk] = data
                    }
                }
            }
            let bytes = try plan.terms.flatMap { term in
                let part = try term.chunks.flatMap { chunk in
                    guard let data = fetched[term.xorb]?[chunk] else { throw HubError(.unknownBlob, "chunk \(chunk) is not in a span") }
                    return data
                }
                #expect(part.count == Int(term.rawLength))
                return part
            }
            return Array(bytes.dropFirst(Int(plan.offsetIntoFirstRange)).prefix(count))
        }
    }

    @Test("lead to exactly the bytes asked for")
    func model() throws {
        var chance = Chance(seed: 11)
        for _ in 0..<300 {
            let world = World(&chance)
            let whole = try Reconstruction(of: world.terms, range: nil, layouts: world.layouts)
            #expect(try world.carriedOut(whole, count: .max) == world.content)
            #expect(whole.terms == world.terms && whole.offsetIntoFirstRange == 0)
            for _ in 0..<10 {
                let lower = chance.number(0...world.content.count - 1)
                let upper = chance.number(lower + 1...world.content.count)
                let range = ByteRange(Int64(lower), Int64(upper))
                // Layouts of terms that are not touched are not needed.
                let touched = Set(world.terms[try Reconstruction.touched(world.terms, by: range)].map(\.xorb))
                let plan = try Reconstruction(of: world.terms, range: range, layouts: world.layouts.filter { touched.contains($0.key) })
                #expect(try world.carriedOut(plan, count: upper - lower) == Array(world.content[lower..<upper]))
                // Nothing is asked for that the range does not touch.
                let first = try #require(plan.terms.first)
                #expect(plan.offsetIntoFirstRange < Int64(world.layouts[first.xorb]?.rawLength(ofChunk: first.chunks.lowerBound) ?? 0))
                let overshoot = plan.terms.reduce(-plan.offsetIntoFirstRange) { $0 + Int64($1.rawLength) } - range.count
                let last = try #require(plan.terms.last)
                #expect(0..<Int64(world.layouts[last.xorb]?.rawLength(ofChunk: last.chunks.upperBound - 1) ?? 0) ~= overshoot)
            }
        }
    }

    @Test("a range behind the end cannot be satisfied, one that reaches behind it is cut")
    func edges() throws {
        var chance = Chance(seed: 12)
        let world = World(&chance)
        let size = Int64(world.content.count)
        for lower in [size, size + 1, Int64.max - 1] {
            let error = #expect(throws: HubError.self) {
                try Reconstruction(of: world.terms, range: ByteRange(lower, .max), layouts: world.layouts)
            }
            #expect(error?.code == .rangeNotSatisfiable)
        }
        let plan = try Reconstruction(of: world.terms, range: ByteRange(size - 1, .max), layouts: world.layouts)
        #expect(try world.carriedOut(plan, count: 1) == Array(world.content.suffix(1)))
        #expect(try Reconstruction(of: [], range: nil, layouts: [:]) == Reconstruction())
    }

    @Test("a term that the store cannot fulfil is damage, not a guess")
    func contradiction() {
        let xorb = XetHash(1, 2, 3, 4)
        let layouts = [xorb: XorbLayout(lengths: [10, 20])]
        for term in [
            ShardTerm(xorb: xorb, rawLength: 31, chunks: 0..<2), ShardTerm(xorb: xorb, rawLength: 30, chunks: 0..<3),
            ShardTerm(xorb: .zero, rawLength: 30, chunks: 0..<2)
        ] {
            let error = #expect(throws: HubError.self) { try Reconstruction(of: [term], range: nil, layouts: layouts) }
            #expect(error?.code == .storageDamaged)
        }
    }

    @Test("of whole files are arithmetic, and touch only the xorbs in the range")
    func virtual() throws {
        let file = VirtualFile(digest: Digest(bytes: [UInt8](repeating: 3, count: 32)), size: 3 * VirtualFile.rawXorb + 1000)
        let all = try file.reconstruction()
        #expect(all.terms.map(\.xorb) == (0..<4).map { file.id(ofXorb: $0) })
        #expect(all.terms.reduce(0) { $0 + Int64($1.rawLength) } == file.size)
        #expect(all.fetches.map { $0.spans[0].bytes.count } == (0..<4).map { file.layout(ofXorb: $0).serialisedLength })

        let lower = VirtualFile.rawXorb + 3 * 131_072 - 1
        let plan = try file.reconstruction(ByteRange(lower, lower + 2))
        #expect(plan.offsetIntoFirstRange == 131_071)
        #expect(plan.terms == [ShardTerm(xorb: file.id(ofXorb: 1), rawLength: 2 * 131_072, chunks: 2..<4)])
        #expect(plan.fetches.map(\.spans) == [[.init(chunks: 2..<4, bytes: ByteRange(2 * 131_080, 4 * 131_080))]])
        let seam = try file.reconstruction(ByteRange(VirtualFile.rawXorb - 1, VirtualFile.rawXorb + 1))
        #expect(seam.terms.map(\.chunks) == [510..<511, 0..<1])
        #expect(throws: HubError.self) { try file.reconstruction(ByteRange(file.size, file.size + 1)) }
        #expect(try VirtualFile(digest: file.digest, size: 0).reconstruction() == Reconstruction())
    }
}
