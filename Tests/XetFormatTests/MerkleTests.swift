import TestKit
import Testing
import XetFormat

@Suite("the Merkle root over chunks")
struct MerkleTests {
    /// The definition, over a whole list: groups from the left until one node is left.
    static func root(_ chunks: [XetChunk]) -> XetHash {
        guard var nodes = Optional(chunks), !nodes.isEmpty else { return .zero }
        while nodes.count > 1 {
            var parents: [XetChunk] = []
            var rest = nodes[...]
            while !rest.isEmpty {
                var size = min(9, rest.count)
                if rest.count > 2, let end = (2..<size).first(where: { isEnd(rest[rest.startIndex + $0].hash) }) { size = end + 1 }
                let group = rest.prefix(size)
                let text = group.map { "\($0.hash) : \($0.length)\n" }.joined()
                parents.append(XetChunk(hash: nodeHash(text), length: group.reduce(0) { $0 + $1.length }))
                rest = rest.dropFirst(size)
            }
            nodes = parents
        }
        return nodes[0].hash
    }

    static func isEnd(_ hash: XetHash) -> Bool { hash.bytes[24] % 4 == 0 }

    static func nodeHash(_ text: String) -> XetHash {
        let key: [UInt8] = [
            1, 126, 197, 199, 165, 71, 41, 150, 253, 148, 102, 102, 180, 138, 2, 230, 93, 221, 83, 111, 55, 199, 109, 210, 248, 99, 82, 230, 74,
            83, 113, 63
        ]
        return XetHash(bytes: Blake3Tests.keyed(key, Array(text.utf8)))
    }

    /// Hashes whose last word is divisible by four as often as `ends` says, out of ten.
    static func chunks(_ count: Int, ends: Int, _ chance: inout Chance) -> [XetChunk] {
        (0..<count).map { _ in
            let last = chance.next() & ~3
            let isEnd = chance.number(1...10) <= ends
            return XetChunk(
                hash: XetHash(chance.next(), chance.next(), chance.next(), last | (isEnd ? 0 : UInt64(chance.number(1...3)))),
                length: chance.number(1...131_072))
        }
    }

    @Test("is the same built as they come as by its definition", arguments: [0, 1, 3, 10])
    func definition(ends: Int) {
        var chance = Chance(seed: ends)
        for count in Array(0...40) + [79, 80, 81, 82, 83, 84, 242, 243, 244, 728, 729, 730, 731, 1000] {
            let chunks = Self.chunks(count, ends: ends, &chance)
            var merkle = XetMerkle()
            for (index, chunk) in chunks.enumerated() {
                merkle.append(chunk)
                // Asking for the root on the way disturbs nothing.
                if index % 97 == 0 { #expect(merkle.root == Self.root(Array(chunks[...index]))) }
            }
            #expect(merkle.root == Self.root(chunks), "\(count) chunks")
            #expect(merkle.fileID == (count == 0 ? .zero : XetHash.ofFile(root: Self.root(chunks))))
        }
    }

    @Test("nothing has the root zero, one chunk its own hash")
    func ends() {
        #expect(XetMerkle().root == .zero)
        let chunk = XetChunk(hash: .ofChunk([1]), length: 1)
        #expect(XetMerkle([chunk]).root == chunk.hash)
    }

    @Test("twenty chunks whose root was computed elsewhere")
    func twenty() {
        let chunks = (0..<20).map { i in
            let bytes = [UInt8](repeating: UInt8(i), count: 1000 + i)
            return XetChunk(hash: .ofChunk(bytes), length: bytes.count)
        }
        #expect(chunks[0].hash.description == "145f5e1efbbf517ab84c6e7f90b3185011cfac8aa88587f0208ba2e45cc22de1")
        #expect(chunks[19].hash.description == "bee88f5120fdf3f459cb1b07e9999950e315e8644325317809443fa22716c3b7")
        let merkle = XetMerkle(chunks)
        #expect(merkle.root.description == "4426d1d1b8d6e90fe539f9b85aaf9108c11c4ccd78d834aaf71fbf23233e3317")
        #expect(merkle.fileID.description == "9b92a9a46a54f6e4e100d29db9141f15d22aada18d247bc738f62116f96a2777")
        #expect(
            XetHash.verification(of: chunks.map(\.hash)).description
                == "da4fb6bdb622b4807e7b84d1f20080329a0c779a46d1923f458c62d83810a2f3")
    }
}
