import Core
import Hashing
import Rollout
import Testing

@Suite("what webhooks send")
struct SignatureTests {
    /// HMAC as RFC 2104 section 2 defines it, from nothing but the hash.
    static func byDefinition(_ message: [UInt8], key: [UInt8]) -> String {
        var block = key.count > 64 ? bytes(Digest(of: key)) : key
        block += [UInt8](repeating: 0, count: 64 - block.count)
        let inner = Digest(of: block.map { $0 ^ 0x36 } + message)
        return Digest(of: block.map { $0 ^ 0x5C } + bytes(inner)).hex
    }

    static func bytes(_ digest: Digest) -> [UInt8] {
        let digits = Array(digest.hex)
        return stride(from: 0, to: 64, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
    }

    @Test("the code is that of RFC 4231, section 4, for short and for long keys")
    func vectors() {
        let cases: [([UInt8], String, String)] = [
            (Array("Jefe".utf8), "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
            (
                [UInt8](repeating: 0xAA, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
            )
        ]
        for (key, text, expected) in cases {
            #expect(Digest(bytes: hmacSHA256(of: Array(text.utf8), key: key)).hex == expected)
            #expect(Self.byDefinition(Array(text.utf8), key: key) == expected)
        }
    }

    @Test("a receiver can check time and body with its secret alone")
    func headers() {
        let body = Array(#"{"a":1}"#.utf8)
        let headers = Signature.headers(of: body, secret: "s3cret", at: Instant(milliseconds: 1_780_000_000_999))
        #expect(headers["X-Grayling-Timestamp"] == "1780000000")
        let signed = Array("1780000000.".utf8) + body
        #expect(headers["X-Grayling-Signature"] == "sha256=" + Self.byDefinition(signed, key: Array("s3cret".utf8)))
    }
}
