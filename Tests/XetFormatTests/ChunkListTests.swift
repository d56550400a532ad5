import Core
import TestKit
import Testing
import XetFormat

@Suite("chunk lists at rest")
struct ChunkListTests {
    static func chunks(_ count: Int) -> [XetChunk] {
        (0..<count).map { XetChunk(hash: .ofChunk(Array("\($0)".utf8)), length: 1 + $0 * 7919 % 131_072) }
    }

    @Test("come back as they were", arguments: [0, 1, 2, 8192])
    func roundTrip(count: Int) throws {
        let bytes = ChunkList.encode(Self.chunks(count))
        #expect(bytes.count == 16 + 36 * count)
        #expect(try ChunkList.decode(bytes) == Self.chunks(count))
    }

    @Test("have the layout that they promise")
    func layout() {
        let bytes = ChunkList.encode([XetChunk(hash: XetHash(bytes: (0..<32).map { UInt8($0) }), length: 131_072)])
        #expect(bytes == Array("GRAYXCL1".utf8) + [1, 0, 0, 0, 0, 0, 0, 0] + (0..<32).map { UInt8($0) } + [0, 0, 2, 0])
    }

    @Test("refuses what it did not write")
    func damaged() {
        let good = ChunkList.encode(Self.chunks(2))
        var bad = (0..<good.count).map { Array(good[..<$0]) }
        bad.append(good + [0])
        for at in 0..<16 { bad.append(changed(good, at, good[at] ^ 0x40)) }
        bad.append(changed(good, 16 + 35, 1))
        bad.append(Array(good[..<48]) + [0, 0, 0, 0] + good[52...])
        bad.append(ChunkList.encode(Self.chunks(8193)))
        for bytes in bad {
            let error = #expect(throws: HubError.self) { try ChunkList.decode(bytes) }
            #expect(error?.code == .storageDamaged)
        }
    }

    private func changed(_ bytes: [UInt8], _ at: Int, _ byte: UInt8) -> [UInt8] {
        var bytes = bytes
        bytes[at] = byte
        return bytes
    }
}
