import Core
import Hashing
import TestKit
import Testing

@testable import XetFormat

@Suite("where files are cut")
struct ChunkerTests {
    /// The definition: every byte enters the hash.
    static func cuts(_ bytes: [UInt8]) -> [Int] {
        var lengths: [Int] = []
        var (hash, size) = (UInt64(0), 0)
        for byte in bytes {
            hash = (hash << 1) &+ GearTable.words[Int(byte)]
            size += 1
            if size == 131_072 || (size >= 8192 && hash >> 48 == 0) {
                lengths.append(size)
                (hash, size) = (0, 0)
            }
        }
        return size > 0 ? lengths + [size] : lengths
    }

    static func lengths(_ bytes: [UInt8], in sizes: [Int]) -> [Int] {
        var chunker = XetChunker()
        var (lengths, before) = ([Int](), 0)
        pieces(bytes, sizes) { piece in
            var at = 0
            while let cut = chunker.nextCut(in: piece, from: at) {
                lengths.append(before + cut - at)
                (at, before) = (cut, 0)
            }
            before = chunker.pending
        }
        return chunker.pending > 0 ? lengths + [chunker.pending] : lengths
    }

    @Test("the table is the published one")
    func table() {
        let bytes = GearTable.words.flatMap { word in withUnsafeBytes(of: word.littleEndian) { Array($0) } }
        #expect(Digest(of: bytes).hex == "e1d3936666d7ae7a977c958e9afcc75f90aaca758ce5fbe4ece61dffefe1912c")
    }

    @Test("the client's chunks, file ids and verification hashes", arguments: Vectors.files)
    func client(_ file: Vectors.File) throws {
        #expect(Digest(of: file.bytes).hex == file.facts["sha256"])
        for sizes in [[1 << 20], [65_536], [8191, 1, 8193], [4093]] {
            var indexer = XetFileIndexer()
            var chunks: [XetChunk] = []
            pieces(file.bytes, sizes) { piece in indexer.feed(piece) { chunks.append($0) } }
            #expect(try indexer.finish { chunks.append($0) } == file.hash("file"))
            #expect(chunks == file.chunks)
            #expect(indexer.length == Int64(file.bytes.count))
        }
        #expect(try XetMerkle(file.chunks).root == file.hash("root"))
        #expect(try XetHash.verification(of: file.chunks.map(\.hash)) == file.hash("verification"))
        // In a xorb each chunk stands once.
        var seen: Set<XetHash> = []
        #expect(try XetMerkle(file.chunks.filter { seen.insert($0.hash).inserted }).root == file.hash("xorb"))
    }

    @Test("cuts are those of the definition however the bytes arrive")
    func splits() {
        var chance = Chance(seed: 3)
        let text = (0..<30_000).flatMap { Array("\($0 % 700),\($0 / 3),value\n".utf8) }
        let inputs = [
            Vectors.random(2, 700_000), text, [UInt8](repeating: 0, count: 300_000), Vectors.random(3, 8191), Vectors.random(4, 8192), [], [7],
            [UInt8](repeating: 0xFF, count: 131_072), Vectors.random(5, 9000) + [UInt8](repeating: 9, count: 200_000)
        ]
        for bytes in inputs {
            let expected = Self.cuts(bytes)
            #expect(expected.reduce(0, +) == bytes.count)
            for _ in 0..<6 {
                let most = chance.pick([9, 100, 9000, 200_000])
                let sizes = (0..<50).map { _ in chance.number(1...most) }
                #expect(Self.lengths(bytes, in: sizes) == expected, "pieces \(sizes)")
            }
            #expect(Self.lengths(bytes, in: [1 << 30]) == expected)
        }
    }

    @Test("a cut right at the least length is found, with all 64 bytes that lead to it, and none before")
    func least() throws {
        // 64 bytes that end with a cut, only because of the first of them.
        let stream = Vectors.random(6, 1_000_000)
        var hash: UInt64 = 0
        let end = try #require(
            stream.indices.first { index in
                hash = (hash << 1) &+ GearTable.words[Int(stream[index])]
                return index > 64 && hash >> 48 == 0 && GearTable.words[Int(stream[index - 63])] & 1 == 1
            })
        let window = Array(stream[(end - 63)...end])
        for sizes in [[1 << 20], [8128, 1, 30], [1]] {
            #expect(Self.lengths([UInt8](repeating: 1, count: 8128) + window + [1, 1], in: sizes) == [8192, 2])
            #expect(Self.lengths([UInt8](repeating: 1, count: 8127) + window + [1, 1], in: sizes) == [8193])
        }
    }

    @Test("an empty file has no chunk and the id zero")
    func empty() {
        var indexer = XetFileIndexer()
        indexer.feed(UnsafeRawBufferPointer(start: nil, count: 0)) { _ in Issue.record("a chunk of nothing") }
        #expect(indexer.finish { _ in Issue.record("a chunk of nothing") } == .zero)
    }
}
