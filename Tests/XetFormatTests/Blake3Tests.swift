import CBlake3
import Core
import TestKit
import Testing

@Suite("BLAKE3 in every width that the processor has", .serialized)
struct Blake3Tests {
    static let levels: [Int32] = {
        let top = cblake3_use(Int32.max)
        return Array(0...top)
    }()
    static let key = Array("whats the Elvish word for friend".utf8)
    static let context = Array("BLAKE3 2019-12-27 16:29:52 test vectors context".utf8)

    static func finished(_ write: (UnsafeMutablePointer<UInt8>) -> Void) -> String {
        var out = [UInt8](repeating: 0, count: 32)
        out.withUnsafeMutableBufferPointer { write($0.baseAddress!) }
        return Hex.encode(out)
    }

    static func keyed(_ key: [UInt8], _ bytes: [UInt8]) -> [UInt8] {
        var out = [UInt8](repeating: 0, count: 32)
        cblake3_hash(key, bytes, bytes.count, &out)
        return out
    }

    static func inPieces(_ bytes: [UInt8], key: [UInt8]?, _ chance: inout Chance) -> String {
        var hasher = cblake3_hasher()
        cblake3_init(&hasher, key)
        var at = 0
        while at < bytes.count {
            let most = chance.pick([100, 1024, 3000, 70_000])
            let end = min(bytes.count, at + chance.number(0...most))
            bytes.withUnsafeBytes { cblake3_update(&hasher, $0.baseAddress! + at, end - at) }
            at = end
        }
        return finished { cblake3_final(&hasher, $0) }
    }

    @Test("the published vectors, at once and in pieces", arguments: levels)
    func vectors(level: Int32) throws {
        #expect(cblake3_use(level) == level)
        defer { _ = cblake3_use(Int32.max) }
        var chance = Chance(seed: Int(level))
        let lines = try Vectors.lines("blake3")
        #expect(lines.count > 80)
        for words in lines {
            let bytes = (0..<(Int(words[0]) ?? 0)).map { UInt8($0 % 251) }
            #expect(Self.finished { cblake3_hash(nil, bytes, bytes.count, $0) } == words[1], "plain, \(bytes.count)")
            #expect(Self.finished { cblake3_hash(Self.key, bytes, bytes.count, $0) } == words[2], "keyed, \(bytes.count)")
            #expect(
                Self.finished { cblake3_derive(Self.context, Self.context.count, bytes, bytes.count, $0) } == words[3],
                "derived, \(bytes.count)")
            #expect(Self.inPieces(bytes, key: nil, &chance) == words[1], "plain in pieces, \(bytes.count)")
            #expect(Self.inPieces(bytes, key: Self.key, &chance) == words[2], "keyed in pieces, \(bytes.count)")
        }
    }

    @Test("all widths agree on bytes of any length")
    func agreement() {
        defer { _ = cblake3_use(Int32.max) }
        var chance = Chance(seed: 7)
        let bytes = Vectors.random(9, 200_000)
        for _ in 0..<60 {
            let count = chance.number(0...chance.pick([64, 2048, 20_000, 200_000]))
            let sums = Self.levels.map { level in
                _ = cblake3_use(level)
                return Self.finished { cblake3_hash(Self.key, bytes, count, $0) }
            }
            #expect(Set(sums).count == 1, "length \(count): \(sums)")
            #expect(Self.inPieces(Array(bytes[..<count]), key: Self.key, &chance) == sums[0], "in pieces, length \(count)")
        }
    }
}
