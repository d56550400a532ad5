import Core
import TestKit
import Testing
import XetFormat

@Suite("shards")
struct ShardTests {
    static func read(_ shard: [UInt8], in sizes: [Int] = [1 << 20], _ rules: (inout ShardReader.Rules) -> Void = { $0.keepsXorbs = true }) throws
        -> [ShardReader.Part]
    {
        var set = ShardReader.Rules()
        rules(&set)
        var reader = ShardReader(rules: set)
        var parts: [ShardReader.Part] = []
        try pieces(shard, sizes) { parts += try reader.consume($0) }
        try reader.finish()
        return parts
    }

    static func file(_ chance: inout Chance, terms: Int, verified: Bool = true, digest: Bool = true) -> ShardFile {
        let list = (0..<terms).map { _ in
            let start = chance.number(0...8000)
            let count = chance.number(1...192)
            return ShardTerm(
                xorb: XetHash(chance.next(), chance.next(), 0, 0), rawLength: UInt32(chance.number(count...count * 131_072)),
                chunks: start..<start + count)
        }
        return ShardFile(
            id: XetHash(chance.next(), 1, 2, 3), terms: list, verification: verified ? list.map { _ in XetHash(chance.next(), 4, 5, 6) } : [],
            digest: digest ? XetHash(chance.next(), 7, 8, 9).digest : nil)
    }

    static func xorb(_ chance: inout Chance, chunks: Int) -> ShardXorb {
        ShardXorb(
            hash: XetHash(chance.next(), 1, 1, 1),
            chunks: (0..<chunks).map { _ in XetChunk(hash: XetHash(chance.next(), 2, 2, 2), length: chance.number(1...131_072)) },
            serialisedLength: UInt32(chance.number(0...1 << 26)))
    }

    @Test("what the client uploaded is read, and written the same byte for byte")
    func client() throws {
        let file = try #require(Vectors.files.last)
        let shards = [try #require(file.hex("shard-bytes")), try #require(Hex.decode(try Vectors.lines("shard")[0][0]))]
        let contents: [[UInt8]] = [file.bytes, [0, 1, 2]]
        for (shard, bytes) in zip(shards, contents) {
            let chunk = XetChunk(hash: .ofChunk(bytes), length: bytes.count)
            let parts = try Self.read(shard)
            let term = ShardTerm(xorb: chunk.hash, rawLength: UInt32(bytes.count), chunks: 0..<1)
            #expect(parts.count == 2)
            guard case .file(let described) = parts.first, case .xorb(let xorb) = parts.last else {
                Issue.record("expected a file and a xorb")
                return
            }
            #expect(described.id == XetMerkle([chunk]).fileID)
            #expect(described.terms == [term])
            #expect(described.verification == [XetHash.verification(of: [chunk.hash])])
            #expect(xorb == ShardXorb(hash: chunk.hash, chunks: [chunk]))
            #expect(ShardWriter.upload(files: [described], xorbs: [xorb]) == shard)
        }
        guard case .file(let described) = try Self.read(shards[0]).first else { return }
        #expect(described.digest?.hex == file.facts["sha256"])
    }

    @Test("files and xorbs come back, however the bytes arrive")
    func roundTrip() throws {
        var chance = Chance(seed: 5)
        for files in 0...4 {
            let list = (0..<files).map { _ in Self.file(&chance, terms: chance.number(0...30)) }
            let xorbs = (0..<chance.number(0...3)).map { _ in Self.xorb(&chance, chunks: chance.number(1...50)) }
            let shard = ShardWriter.upload(files: list, xorbs: xorbs)
            let expected = list.map { ShardReader.Part.file($0) } + xorbs.map { .xorb($0) }
            for sizes in [[1 << 20], [1], [47, 49], [chance.number(1...500)]] {
                #expect(try Self.read(shard, in: sizes) == expected)
                #expect(try Self.read(shard, in: sizes) { _ in } == Array(expected.prefix(files)))
            }
        }
    }

    @Test("the answer to a query has no file, the xorbs, and a footer of 200 bytes")
    func answer() throws {
        var chance = Chance(seed: 6)
        let xorbs = [Self.xorb(&chance, chunks: 3), Self.xorb(&chance, chunks: 1)]
        let plain = ShardWriter.answer(xorbs, created: 1_800_000_000, expires: 1_800_086_400)
        #expect(plain.count == 48 + 48 + 48 * (1 + 3 + 1 + 1) + 48 + 200)
        #expect(plain[40] == 200)
        let footer = Array(plain.suffix(200))
        func number(_ at: Int) -> Int { (0..<8).reversed().reduce(0) { $0 << 8 | Int(footer[at + $1]) } }
        #expect([0, 8, 16].map(number) == [1, 48, 96])
        #expect([24, 40, 56].map(number) == [plain.count - 200, plain.count - 200, plain.count - 200])
        #expect([32, 48, 64].map(number) == [0, 0, 0])
        #expect([104, 112].map(number) == [1_800_000_000, 1_800_086_400])
        #expect(number(168) == xorbs.reduce(0) { $0 + Int($1.serialisedLength) })
        #expect(number(184) == xorbs.reduce(0) { $0 + $1.chunks.reduce(0) { $0 + $1.length } })
        #expect(number(192) == plain.count - 200)
        var offset = 0
        for (index, chunk) in xorbs[0].chunks.enumerated() {
            let record = plain[(48 * (3 + index))...]
            #expect(Array(record.dropFirst(32).prefix(4)) == withUnsafeBytes(of: UInt32(offset).littleEndian) { Array($0) })
            offset += chunk.length
        }
        for sizes in [[1 << 20], [1], [199]] { #expect(try Self.read(plain, in: sizes) == xorbs.map { .xorb($0) }) }

        let key = XetHash(bytes: (1...32).map { UInt8($0) })
        let hidden = ShardWriter.answer(xorbs, key: key, created: 0, expires: 0)
        #expect(Array(hidden.suffix(200)[(hidden.count - 200 + 72)..<(hidden.count - 200 + 104)]) == key.bytes)
        var expected = xorbs
        for index in expected.indices {
            expected[index].chunks = expected[index].chunks.map { XetChunk(hash: $0.hash.keyed(for: key), length: $0.length) }
        }
        #expect(try Self.read(hidden) == expected.map { .xorb($0) })
        #expect(expected[0].hash == xorbs[0].hash && expected[0].chunks != xorbs[0].chunks)
    }

    @Test("lookup tables in front of the footer are skipped")
    func tables() throws {
        let plain = ShardWriter.answer([], created: 0, expires: 0)
        var footer = Array(plain.suffix(200))
        let end = UInt64(plain.count - 200 + 1000)
        withUnsafeBytes(of: end.littleEndian) { footer.replaceSubrange(192..<200, with: $0) }
        let shard = Array(plain.dropLast(200)) + Vectors.random(1, 1000) + footer
        for sizes in [[1 << 20], [1], [300]] { #expect(try Self.read(shard, in: sizes).isEmpty) }
    }
}
