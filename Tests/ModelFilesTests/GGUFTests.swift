import Core
import ModelFiles
import TestKit
import Testing

/// Writes GGUF as the specification has it.
struct GGUFWriter {
    var bytes: [UInt8] = []
    var isBig = false
    mutating func put<N: FixedWidthInteger & UnsignedInteger>(_ number: N) {
        let shifts = (0..<(N.bitWidth / 8)).map { N(8 * $0) }
        for shift in isBig ? shifts.reversed() : shifts { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }
    mutating func put(_ text: String) {
        put(UInt64(text.utf8.count))
        bytes += Array(text.utf8)
    }
    mutating func key(_ name: String, _ text: String) {
        put(name)
        put(UInt32(8))
        put(text)
    }
    mutating func key(_ name: String, _ number: UInt32) {
        put(name)
        put(UInt32(4))
        put(number)
    }
}

@Suite("GGUF")
struct GGUFTests {
    static func whale(isBig: Bool = false) -> [UInt8] {
        var out = GGUFWriter(isBig: isBig)
        out.bytes = Array("GGUF".utf8)
        out.put(UInt32(3))
        out.put(UInt64(2))
        out.put(UInt64(8))
        out.key("general.architecture", "llama")
        out.key("general.name", "Whale")
        out.key("general.file_type", 15)
        out.key("llama.context_length", 4096)
        out.put("llama.embedding_length")
        out.put(UInt32(10))
        out.put(UInt64(64))
        out.put("tokenizer.ggml.tokens")
        out.put(UInt32(9))
        out.put(UInt32(8))
        out.put(UInt64(3))
        for token in ["a", "b", ""] { out.put(token) }
        out.put("tokenizer.ggml.scores")
        out.put(UInt32(9))
        out.put(UInt32(6))
        out.put(UInt64(2))
        out.put(UInt64(0))
        out.put("flag")
        out.put(UInt32(7))
        out.put(UInt8(1))
        for (name, sides) in [("t1", [UInt64(4), 5]), ("t2", [7])] {
            out.put(name)
            out.put(UInt32(sides.count))
            for side in sides { out.put(side) }
            out.put(UInt32(0))
            out.put(UInt64(0))
        }
        return out.bytes
    }

    @Test("says what the model is, in both byte orders", arguments: [false, true])
    func reads(_ isBig: Bool) throws {
        let header = try GGUFHeader(parsing: Self.whale(isBig: isBig) + [1, 2, 3])
        #expect(header.version == 3 && header.isBigEndian == isBig)
        #expect(header.architecture == "llama" && header.name == "Whale")
        #expect(header.contextLength == 4096 && header.embeddingLength == 64)
        #expect(header.fileType == "Q4_K_M")
        #expect(header.tensorCount == 2 && header.keyCount == 8)
        #expect(header.isWhole && header.parameters == 27)
    }

    @Test("every prefix gives what was in it, or says that it is no GGUF")
    func prefixes() throws {
        let whole = Self.whale()
        for count in 0..<whole.count {
            let header = try? GGUFHeader(parsing: Array(whole.prefix(count)))
            if count < 24 { #expect(header == nil) } else { #expect(header?.isWhole == false && header?.parameters == nil) }
            if count > 200 { #expect(header?.architecture == "llama") }
        }
    }

    @Test("refuses other files and other versions")
    func refuses() {
        var wrong = Self.whale()
        wrong[4] = 1
        for bytes in [[], Array("GGU".utf8), Array("GGML".utf8) + Self.whale().dropFirst(4), wrong] {
            #expect(throws: HubError.self) { try GGUFHeader(parsing: bytes) }
        }
    }

    @Test("counts from anybody allocate nothing and end in time", .timeLimit(.minutes(1)))
    func bombs() {
        func file(keys: UInt64, _ rest: (inout GGUFWriter) -> Void) -> [UInt8] {
            var out = GGUFWriter(bytes: Array("GGUF".utf8))
            out.put(UInt32(3))
            out.put(UInt64(0))
            out.put(keys)
            rest(&out)
            return out.bytes
        }
        #expect(throws: HubError.self) { try GGUFHeader(parsing: file(keys: .max) { _ in }) }
        // A list of 2^64 - 1 items, of 8 bytes each and of texts.
        for type in [UInt32(10), 8, 9, 7] {
            let bomb = file(keys: 1) {
                $0.put("x")
                $0.put(UInt32(9))
                $0.put(type)
                $0.put(UInt64.max)
                $0.bytes += [UInt8](repeating: 0, count: 1 << 16)
            }
            let header = try? GGUFHeader(parsing: bomb)
            #expect(header?.isWhole != true)
        }
        // Lists inside lists.
        let nested = file(keys: 1) {
            $0.put("x")
            $0.put(UInt32(9))
            for _ in 0..<10_000 {
                $0.put(UInt32(9))
                $0.put(UInt64(1))
            }
        }
        #expect(throws: HubError.self) { try GGUFHeader(parsing: nested) }
    }

    @Test("twenty thousand damaged files are refused or read")
    func fuzz() {
        var chance = Chance(seed: 5)
        let seed = Self.whale()
        var read = 0
        for _ in 0..<20_000 {
            var bytes = seed
            for _ in 0..<chance.number(0...4) { bytes[chance.number(0...(bytes.count - 1))] = UInt8(chance.number(0...255)) }
            if let header = try? GGUFHeader(parsing: bytes) {
                #expect(header.isWhole == (header.parameters != nil))
                read += 1
            }
        }
        #expect(read > 2000)
    }
}
