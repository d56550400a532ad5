import Core
import TestKit
import Testing
import XetFormat

@Suite("shards that are refused")
struct BadShardTests {
    static let good: [UInt8] = {
        var chance = Chance(seed: 1)
        return ShardWriter.upload(files: [ShardTests.file(&chance, terms: 1)], xorbs: [ShardTests.xorb(&chance, chunks: 1)])
    }()
    // header 0, file 48, term 96, verification 144, sha256 192, end 240, xorb 288, chunk 336, end 384

    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var shard: [UInt8]
        var says: String
        var testDescription: String { name }

        init(_ name: String, _ at: Int, _ bytes: [UInt8], says: String) {
            self.name = name
            var shard = BadShardTests.good
            shard.replaceSubrange(at..<at + bytes.count, with: bytes)
            self.shard = shard
            self.says = says
        }
    }

    static let cases: [Case] = [
        Case("another tag", 20, [0], says: "this is not a shard: expected the tag HFRepoMetaData"),
        Case("version 3", 32, [3], says: "the shard's header has version 3; expected version 2"),
        Case("a footer of 48 bytes", 40, [48], says: "announces a footer of 48 bytes; expected 0 (none) or 200"),
        Case("no verification", 48 + 35, [0x40], says: "byte 48 of the shard is a file without verification hashes; expected flag bit 31"),
        Case("no digest", 48 + 35, [0x80], says: "byte 48 of the shard is a file without its SHA-256; expected flag bit 30"),
        Case("unknown flags", 48 + 32, [1], says: "is a file with unknown flags 3221225473"),
        Case("an empty range", 96 + 44, [0, 0, 0, 0], says: "byte 96 of the shard is a term over chunks"),
        Case("a range behind the last chunk", 96 + 40, [0, 0, 0, 0, 1, 0x20], says: "to 8193; expected a range that is not empty, up to 8192"),
        Case("a term of no bytes", 96 + 36, [0, 0, 0, 0], says: "is a term of 0 bytes in"),
        Case("a term of too many bytes", 96 + 36, [0, 0, 0, 0xFF], says: "is a term of 4278190080 bytes in"),
        Case("an end that says something", 240 + 32, [1], says: "byte 240 of the shard ends a section, but its last 16 bytes are not zero"),
        Case("an end that goes on", 240 + 40, [1], says: "byte 240 of the shard ends a section, but its last 16 bytes are not zero"),
        Case("a xorb of no chunks", 288 + 36, [0, 0, 0, 0], says: "byte 288 of the shard is a xorb of 0 chunks; expected 1 to 8192"),
        Case("a xorb of 8,193 chunks", 288 + 36, [1, 0x20, 0, 0], says: "is a xorb of 8193 chunks; expected 1 to 8192"),
        Case("a chunk of no bytes", 336 + 36, [0, 0, 0, 0], says: "byte 336 of the shard is a chunk of 0 bytes; expected 1 to 131072"),
        Case("a footer that is not there", 40, [200], says: "ends after 0 bytes behind its xorb section; expected a footer of 200")
    ]

    @Test("with the place and what was expected", arguments: cases)
    func refused(_ bad: Case) {
        for sizes in [[1 << 20], [11]] {
            let error = #expect(throws: HubError.self) { try ShardTests.read(bad.shard, in: sizes) }
            #expect(error?.code == .invalidRequest)
            #expect(error?.message.contains(bad.says) == true, "\(error?.message ?? "")")
        }
    }

    @Test("cut off anywhere, or with bytes left over")
    func truncated() {
        for length in 0..<Self.good.count {
            let error = #expect(throws: HubError.self) { try ShardTests.read(Array(Self.good[..<length]), in: [100]) }
            #expect(error?.message.hasPrefix("the shard ends at byte \(length) inside its ") == true)
        }
        #expect(throws: HubError.self) { try ShardTests.read(Self.good + [0]) }
    }

    @Test("a footer that contradicts the sections", arguments: [0, 8, 16, 192])
    func footer(at: Int) {
        var shard = ShardWriter.answer([], created: 0, expires: 0)
        shard[shard.count - 200 + at] ^= 1
        let error = #expect(throws: HubError.self) { try ShardTests.read(shard) }
        #expect(error?.message.hasPrefix("the shard's footer states ") == true)
    }

    @Test("limits are kept, and rules can be relaxed")
    func limits() throws {
        var chance = Chance(seed: 2)
        let shard = ShardWriter.upload(files: [ShardTests.file(&chance, terms: 5)], xorbs: [])
        #expect(throws: Never.self) { try ShardTests.read(shard) { $0.termsInFile = 5 } }
        let many = #expect(throws: HubError.self) { try ShardTests.read(shard) { $0.termsInFile = 4 } }
        #expect(many?.code == .tooLarge)
        #expect(throws: Never.self) { try ShardTests.read(shard, in: [7]) { $0.longest = shard.count } }
        let long = #expect(throws: HubError.self) { try ShardTests.read(shard, in: [7]) { $0.longest = shard.count - 1 } }
        #expect(long?.code == .tooLarge)

        let bare = ShardTests.file(&chance, terms: 2, verified: false, digest: false)
        let parts = try ShardTests.read(ShardWriter.upload(files: [bare], xorbs: [])) {
            $0.requiresVerification = false
            $0.requiresDigest = false
        }
        #expect(parts == [.file(bare)])
    }

    @Test("twenty thousand damaged shards never crash the reader, and what is read is whole")
    func damaged() {
        var chance = Chance(seed: 3)
        var read = 0
        for _ in 0..<20_000 {
            var bytes = Self.good
            for _ in 0..<chance.number(1...2) {
                let at = chance.number(0...bytes.count - 1)
                bytes[at] = chance.pick([0, 1, 2, 0x20, 0x40, 0xC0, 0xFF] as [UInt8])
            }
            guard let parts = try? ShardTests.read(bytes, in: [chance.number(1...600)]) else { continue }
            read += 1
            for case .file(let file) in parts { #expect(file.verification.count == file.terms.count) }
        }
        #expect(read > 1000, "the damage should not always be fatal")
    }
}
