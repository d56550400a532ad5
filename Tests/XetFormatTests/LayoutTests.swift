import Core
import TestKit
import Testing
import XetFormat

@Suite("where things lie in a serialised xorb")
struct LayoutTests {
    /// The whole serialised xorb over these raw bytes.
    static func serialised(_ raw: [UInt8], _ lengths: [Int]) -> [UInt8] {
        var (bytes, at) = ([UInt8](), 0)
        for length in lengths {
            bytes += XorbMaking.record(Array(raw[at..<at + length]), .stored)
            at += length
        }
        return bytes
    }

    static func assembled(_ pieces: XorbPieces, from raw: [UInt8]) -> [UInt8] {
        pieces.flatMap { piece in
            switch piece {
            case .header(let bytes): bytes
            case .raw(let range): Array(raw[Int(range.lower)..<Int(range.upper)])
            }
        }
    }

    @Test("a header is version, length of the body, scheme, length of the chunk")
    func header() {
        #expect(XorbFrame(stored: 3).bytes == [0, 3, 0, 0, 0, 3, 0, 0])
        #expect(XorbFrame(scheme: .groupedLZ4, bodyLength: 0x012345, rawLength: 0x01FEDC).bytes == [0, 0x45, 0x23, 1, 2, 0xDC, 0xFE, 1])
    }

    @Test("any span is put together from headers and raw bytes")
    func spans() throws {
        var chance = Chance(seed: 1)
        for round in 0..<30 {
            let lengths = (0..<chance.number(1...40)).map { _ in chance.number(1...300) }
            let raw = Vectors.random(round, lengths.reduce(0, +))
            let whole = Self.serialised(raw, lengths)
            let layout = XorbLayout(lengths: lengths)
            #expect(layout.chunkCount == lengths.count)
            #expect(layout.rawLength == Int64(raw.count))
            #expect(layout.serialisedLength == Int64(whole.count))
            #expect(try XorbMaking.read(whole).raw.flatMap { $0 } == raw)
            for _ in 0..<40 {
                let lower = chance.number(0...whole.count)
                let upper = chance.number(lower...whole.count)
                let pieces = try XorbPieces(of: layout, bytes: ByteRange(Int64(lower), Int64(upper)))
                #expect(Self.assembled(pieces, from: raw) == Array(whole[lower..<upper]))
            }
            #expect(throws: HubError.self) { try XorbPieces(of: layout, bytes: ByteRange(0, Int64(whole.count + 1))) }
        }
    }

    @Test("offsets and chunks answer each other", arguments: [true, false])
    func offsets(even: Bool) {
        let lengths = even ? [131_072, 131_072, 131_072, 7] : [1, 131_072, 8, 9, 1]
        let layout = even ? XorbLayout(evenChunksOf: 3 * 131_072 + 7) : XorbLayout(lengths: lengths)
        var (raw, serialised) = (Int64(0), Int64(0))
        for (chunk, length) in lengths.enumerated() {
            #expect(layout.rawOffset(ofChunk: chunk) == raw)
            #expect(layout.serialisedOffset(ofChunk: chunk) == serialised)
            #expect(layout.rawLength(ofChunk: chunk) == length)
            #expect(layout.chunk(atRaw: raw) == chunk)
            #expect(layout.chunk(atRaw: raw + Int64(length) - 1) == chunk)
            #expect(layout.chunk(atSerialised: serialised) == chunk)
            #expect(layout.chunk(atSerialised: serialised + Int64(length) + 7) == chunk)
            raw += Int64(length)
            serialised += Int64(length) + 8
        }
        #expect(layout.chunkCount == lengths.count)
        #expect(layout.rawLength == raw)
        #expect(layout.serialisedLength == serialised)
        #expect(layout.rawBytes(of: 1..<3) == ByteRange(layout.rawOffset(ofChunk: 1), layout.rawOffset(ofChunk: 3)))
    }

    @Test("a whole file is seen as xorbs of 511 chunks, each under 64 MiB")
    func virtual() throws {
        let digest = Digest(bytes: [UInt8](repeating: 7, count: 32))
        let file = VirtualFile(digest: digest, size: 2 * 511 * 131_072 + 5)
        #expect(file.xorbCount == 3)
        #expect(file.fileID.description == digest.hex)
        #expect(file.layout(ofXorb: 0).chunkCount == 511)
        #expect(file.layout(ofXorb: 0).serialisedLength < 64 << 20)
        #expect(file.layout(ofXorb: 2).serialisedLength == 13)
        #expect(file.bytes(ofXorb: 2) == ByteRange(2 * 511 * 131_072, file.size))
        let ids = (0..<3).map { file.id(ofXorb: $0) }
        #expect(Set(ids).count == 3)
        #expect(ids == (0..<3).map { VirtualFile(digest: digest, size: file.size).id(ofXorb: $0) })
        #expect(VirtualFile(digest: Digest(bytes: [UInt8](repeating: 8, count: 32)), size: 5).id(ofXorb: 0) != ids[0])
        #expect(VirtualFile(digest: digest, size: 0).xorbCount == 0)
        #expect(VirtualFile(digest: digest, size: 511 * 131_072).xorbCount == 1)
    }
}
