import CLZ4
import Core
import Hashing
import TestKit
import Testing
import XetFormat

@Suite("uploaded xorbs")
struct XorbTests {
    static let floats = (0..<9001).flatMap { i in withUnsafeBytes(of: Float(i) * 0.001) { Array($0) } }

    @Test("what the client uploaded is read", arguments: Vectors.files.filter { $0.hex("xorb-bytes") != nil })
    func client(_ file: Vectors.File) throws {
        let xorb = try XorbMaking.read(try #require(file.hex("xorb-bytes")))
        #expect(xorb.raw.flatMap { $0 } == file.bytes)
        #expect(xorb.chunks == file.chunks)
        #expect(try xorb.hash == file.hash("xorb"))
    }

    @Test("one of each scheme as the client sent it")
    func published() throws {
        for words in try Vectors.lines("xorbs") {
            let bytes = try #require(Hex.decode(words[3]))
            #expect(bytes[4] == UInt8(words[0]))
            let xorb = try XorbMaking.read(bytes)
            #expect(xorb.hash.description == words[1])
            #expect(Digest(of: xorb.raw[0]).hex == words[2])
        }
    }

    @Test("all schemes and lengths come back, however the bytes arrive")
    func schemes() throws {
        var chance = Chance(seed: 1)
        let lengths = [1, 2, 3, 4, 5, 6, 7, 8, 64, 1023, 65_535, 65_537, 131_071, 131_072]
        var (xorb, expected) = ([UInt8](), [[UInt8]]())
        for length in lengths {
            let raw = Array((Self.floats + Vectors.random(length, 131_072)).suffix(chance.number(0...1) == 0 ? length : 140_000).prefix(length))
            for scheme in XorbFrame.Scheme.allCases {
                xorb += XorbMaking.record(raw, scheme)
                expected.append(raw)
            }
        }
        for sizes in [[1 << 30], [1], [7, 8, 9], [1000, 1, 70_000], [262_144, 3]] {
            let read = try XorbMaking.read(xorb, in: sizes)
            #expect(read.raw == expected)
            #expect(read.chunks == expected.map { XetChunk(hash: .ofChunk($0), length: $0.count) })
            #expect(read.hash == XetMerkle(read.chunks).root)
        }
    }

    @Test("any legal LZ4 frame is read")
    func frames() throws {
        let raw = Self.floats + Self.floats + Vectors.random(1, 50_000)
        let settings: [(inout LZ4F_preferences_t) -> Void] = [
            { $0.frameInfo.blockMode = LZ4F_blockLinked },
            { $0.frameInfo.blockSizeID = LZ4F_max4MB },
            { $0.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled },
            { $0.frameInfo.blockChecksumFlag = LZ4F_blockChecksumEnabled },
            { $0.frameInfo.contentSize = 1 },
            { $0.compressionLevel = 9 }
        ]
        for change in settings {
            for scheme in [XorbFrame.Scheme.lz4, .groupedLZ4] {
                #expect(try XorbMaking.read(XorbMaking.record(raw, scheme, change)).raw == [raw])
            }
        }
    }

    @Test("a xorb that is cut off anywhere else than between chunks is refused")
    func truncated() throws {
        let records = XorbFrame.Scheme.allCases.map { XorbMaking.record(Array(Self.floats.prefix(301)), $0) }
        let xorb = records.flatMap { $0 }
        let ends = [0, records[0].count, records[0].count + records[1].count, xorb.count]
        for length in 0...xorb.count {
            let part = Array(xorb[..<length])
            if length > 0, ends.contains(length) {
                #expect(try XorbMaking.read(part).chunks.count == ends.firstIndex(of: length))
            } else {
                #expect(throws: HubError.self, "\(length) bytes") { try XorbMaking.read(part, in: [50]) }
            }
        }
    }

    @Test("8,192 chunks and no more")
    func count() throws {
        let record = XorbMaking.record([1], .stored)
        let most = [UInt8](repeatElement(record, count: 8192).joined())
        #expect(try XorbMaking.read(most).chunks.count == 8192)
        let error = #expect(throws: HubError.self) { try XorbMaking.read(most + record) }
        #expect(error?.code == .tooLarge)
        #expect(error?.message.hasPrefix("chunk 8192, at byte 73728 of the xorb, is one too many") == true)
    }

    @Test("64 MiB and the headers, and no more")
    func size() throws {
        let record = XorbMaking.record(.stored, [UInt8](repeating: 5, count: 131_072), 131_072)
        let reader = XorbReader()
        try record.withUnsafeBytes { record in
            // 64 MiB of raw bytes: what a client makes that counts those.
            for _ in 0..<512 { try reader.consume(record) { _, _ in } }
            let error = #expect(throws: HubError.self) { try reader.consume(record) { _, _ in } }
            #expect(error?.code == .tooLarge)
        }
    }

    @Test("a footer ends the chunks and is ignored")
    func footer() throws {
        let xorb = XorbMaking.record([1, 2, 3], .stored)
        let plain = try XorbMaking.read(xorb)
        let footer = Array("XETBLOB".utf8) + Vectors.random(1, 5000)
        for sizes in [[1 << 20], [1], [13]] {
            let read = try XorbMaking.read(xorb + footer, in: sizes)
            #expect(read.hash == plain.hash)
            #expect(read.chunks == plain.chunks)
        }
        let error = #expect(throws: HubError.self) { try XorbMaking.read(xorb + footer + [UInt8](repeating: 0, count: 1 << 20)) }
        #expect(error?.code == .tooLarge)
        #expect(throws: HubError.self) { try XorbMaking.read(footer) }
    }

    @Test("chunks are taken one by one while their bytes are there")
    func oneByOne() throws {
        let xorb = XorbMaking.record([1], .stored) + XorbMaking.record(Self.floats, .groupedLZ4) + XorbMaking.record([2], .stored)
        let reader = XorbReader()
        try xorb.withUnsafeBytes { (bytes) throws in
            var at = 0
            #expect(try reader.next(in: bytes, from: &at)?.length == 1)
            #expect(at == 9 && Array(reader.raw) == [1])
            #expect(try reader.next(in: bytes, from: &at)?.length == Self.floats.count)
            #expect(Array(reader.raw) == Self.floats)
            #expect(try reader.next(in: bytes, from: &at)?.length == 1)
            #expect(at == xorb.count && Array(reader.raw) == [2])
            #expect(try reader.next(in: bytes, from: &at) == nil)
        }
    }
}
