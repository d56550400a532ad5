import Core
import Testing
import XetFormat

@Suite("names in the Xet protocol")
struct HashTests {
    static let counting = "07060504030201000f0e0d0c0b0a090817161514131211101f1e1d1c1b1a1918"

    @Test("are printed as four little-endian words")
    func text() throws {
        let hash = XetHash(bytes: (0..<32).map { UInt8($0) })
        #expect(hash.description == Self.counting)
        #expect(try XetHash(parsing: Self.counting) == hash)
        #expect(hash.bytes == (0..<32).map { UInt8($0) })
    }

    @Test(
        "refuses what is not one",
        arguments: [
            "", "0", String(repeating: "0", count: 63), String(repeating: "0", count: 65), String(repeating: "A", count: 64),
            "sha256:" + counting, String(repeating: "g", count: 64), " " + counting.dropFirst(), String(repeating: "é", count: 32)
        ])
    func refuses(_ text: String) {
        let error = #expect(throws: HubError.self) { try XetHash(parsing: text) }
        #expect(error?.code == .invalidDigest)
    }

    @Test("a SHA-256 keeps its text when it becomes one, and comes back")
    func digest() throws {
        let hex = "ae4b3280e56e2faf83f414a6e3dabe9d5fbe18976544c05fed121accb85b53fc"
        let digest = try Digest(parsing: hex)
        let hash = XetHash(digest)
        #expect(hash.description == hex)
        #expect(Hex.encode(hash.bytes) == "af2f6ee580324bae9dbedae3a614f4835fc044659718be5ffc535bb8cc1a12ed")
        #expect(hash.digest == digest)
    }

    @Test("are ordered as their texts are")
    func order() {
        let hashes = (0..<200).map { XetHash.ofChunk([UInt8($0)]) }
        #expect(hashes.sorted().map(\.description) == hashes.map(\.description).sorted())
    }

    @Test("chunk, keyed and file hashes of known bytes")
    func known() throws {
        let hello = XetHash.ofChunk(Array("Hello World!".utf8))
        #expect(hello.description == "d8d408e608fb9ca213b9909a65d86d725f2de4d8d540324be8a363e7a6e228cb")
        let key = XetHash(bytes: (1...32).map { UInt8($0) })
        #expect(hello.keyed(for: key).description == "02cc111763c1c960f0c3439d32c5becdf0c4bd2cc825f9f823b400a48d9c1e83")
        #expect(hello.keyed(for: .zero) == hello)

        let long = XetHash.ofChunk((0..<76_800).map { UInt8(truncatingIfNeeded: $0) })
        #expect(long.description == "b796e1cfc12bfea3f41e6211031b1a3157f7ee910792babc7fe6661496d7517f")
        #expect(XetHash.ofFile(root: long).description == "6601fa16a8aea70b829245dc59649776380eb1bc87355f2fb2968300efffe193")
    }

    @Test("one chunk in 1,024 may be asked for")
    func queryable() {
        let count = (0..<20_000).count { XetHash.ofChunk(Array("\($0)".utf8)).isQueryable }
        #expect(5...40 ~= count)
        #expect(XetHash(1, 2, 3, 4096).isQueryable)
        #expect(!XetHash(4096, 4096, 4096, 4097).isQueryable)
    }
}
