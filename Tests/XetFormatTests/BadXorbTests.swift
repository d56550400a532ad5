import CLZ4
import Core
import TestKit
import Testing
import XetFormat

@Suite("xorbs that are refused")
struct BadXorbTests {
    static let raw = Array(XorbTests.floats.prefix(3000))
    static let good = XorbMaking.record(raw, .stored)

    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var record: [UInt8]
        var code = HubError.Code.invalidRequest
        var says: String
        var testDescription: String { name }
    }

    static func changed(_ at: Int, _ byte: UInt8) -> [UInt8] {
        var record = good
        record[at] = byte
        return record
    }

    static let zeros = XorbMaking.frame([UInt8](repeating: 0, count: 4 << 20))
    static let cases: [Case] = [
        Case(name: "version 1", record: changed(0, 1), says: "has version 1; expected version 0"),
        Case(name: "scheme 3", record: changed(4, 3), says: "has compression scheme 3; expected 0 (none), 1 (LZ4) or 2 (grouped LZ4)"),
        Case(name: "no raw bytes", record: XorbMaking.record(.stored, [], 0), says: "has 0 raw bytes; expected 1 to 131072"),
        Case(name: "no body", record: XorbMaking.record(.lz4, [], 5), says: "takes 0 bytes; expected 1 to 262144"),
        Case(
            name: "a long chunk", record: XorbMaking.record(.stored, [UInt8](repeating: 1, count: 131_073), 131_073), code: .tooLarge,
            says: "has 131073 raw bytes; expected 1 to 131072"),
        Case(
            name: "a long body", record: XorbMaking.record(.lz4, [UInt8](repeating: 1, count: 262_145), 131_072), code: .tooLarge,
            says: "takes 262145 bytes; expected 1 to 262144"),
        Case(
            name: "stored shorter than stated", record: XorbMaking.record(.stored, [1, 2], 3),
            says: "is stored as 2 bytes, but its header states 3"),
        Case(name: "not LZ4", record: XorbMaking.record(.lz4, raw, 3000), says: "is not a valid LZ4 frame (ERROR_frameType_unknown)"),
        Case(
            name: "a bomb", record: XorbMaking.record(.lz4, zeros, 131_072), says: "decodes to more than the 131072 bytes that its header states"),
        Case(name: "a grouped bomb", record: XorbMaking.record(.groupedLZ4, zeros, 5), says: "decodes to more than the 5 bytes"),
        Case(
            name: "one byte more than stated", record: XorbMaking.record(.lz4, XorbMaking.frame(raw), 2999),
            says: "decodes to more than the 2999 bytes"),
        Case(
            name: "one byte less than stated", record: XorbMaking.record(.lz4, XorbMaking.frame(raw), 3001),
            says: "decodes to 3000 bytes, but its header states 3001"),
        Case(
            name: "half a frame", record: XorbMaking.record(.groupedLZ4, Array(XorbMaking.frame(raw).dropLast(1)), 3000),
            says: "ends in the middle of its LZ4 frame"),
        Case(
            name: "two frames", record: XorbMaking.record(.lz4, XorbMaking.frame(raw) + XorbMaking.frame(raw), 6000),
            says: "bytes behind its LZ4 frame"),
        Case(
            name: "a frame that is skipped", record: XorbMaking.record(.lz4, [0x50, 0x2A, 0x4D, 0x18, 1, 0, 0, 0, 9], 1),
            says: "decodes to 0 bytes, but its header states 1"),
        Case(
            name: "a wrong checksum",
            record: XorbMaking.record(
                .lz4,
                XorbMaking.frame(raw) { $0.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled }.dropLast(4) + [1, 2, 3, 4], 3000),
            says: "is not a valid LZ4 frame (ERROR_contentChecksum_invalid)")
    ]

    @Test("with the chunk, its place and the reason", arguments: cases)
    func refused(_ bad: Case) {
        for sizes in [[1 << 20], [5, 4000]] {
            let error = #expect(throws: HubError.self) { try XorbMaking.read(Self.good + bad.record + Self.good, in: sizes) }
            #expect(error?.code == bad.code)
            #expect(error?.message.hasPrefix("chunk 1, at byte 3008 of the xorb, ") == true, "\(error?.message ?? "")")
            #expect(error?.message.contains(bad.says) == true, "\(error?.message ?? "")")
        }
    }

    @Test("bytes that are left over")
    func leftOver() {
        for tail in [[0], [0x58], Array("XETBLO".utf8), [0, 1, 0, 0, 0, 1, 0, 0]] as [[UInt8]] {
            #expect(throws: HubError.self) { try XorbMaking.read(Self.good + tail) }
        }
        let error = #expect(throws: HubError.self) { try XorbMaking.read([]) }
        #expect(error?.message == "the xorb is empty; expected at least one chunk")
    }

    @Test("twenty thousand damaged xorbs never crash the reader, and what is read is what its name says")
    func damaged() {
        var chance = Chance(seed: 4)
        let seeds = XorbFrame.Scheme.allCases.map { XorbMaking.record(Array(Self.raw.prefix(200)), $0) }
        var read = 0
        for _ in 0..<20_000 {
            var bytes = chance.pick(seeds) + chance.pick(seeds)
            for _ in 0..<chance.number(0...3) where !bytes.isEmpty {
                let at = chance.number(0...bytes.count - 1)
                switch chance.number(0...3) {
                case 0: bytes[at] = UInt8(chance.number(0...255))
                case 1: bytes.remove(at: at)
                case 2: bytes.removeSubrange(at...)
                default: bytes.insert(chance.pick([0, 1, 2, 0x58, 0xFF] as [UInt8]), at: at)
                }
            }
            guard let xorb = try? XorbMaking.read(bytes, in: [chance.number(1...600)]) else { continue }
            read += 1
            #expect(xorb.hash == XetMerkle(xorb.raw.map { XetChunk(hash: .ofChunk($0), length: $0.count) }).root)
        }
        #expect(read > 1000, "the damage should not always be fatal")
    }
}
