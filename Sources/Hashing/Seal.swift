import CCrypto

/// HMAC-SHA-256 (RFC 2104) under one key.
package struct Seal: Sendable {
    private let key: [UInt8]

    /// - Parameter key: at least 32 bytes that nobody can guess.
    package init(key: [UInt8]) {
        precondition(key.count >= 32, "a seal needs a key of at least 32 bytes")
        self.key = key
    }

    package func code(of bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 32) { out, written in
            var length: UInt32 = 0
            precondition(
                HMAC(EVP_sha256(), key, CInt(key.count), bytes, bytes.count, out.baseAddress, &length) != nil, "libcrypto refused to sign")
            written = Int(length)
        }
    }

    /// Takes as long for a wrong code as for the right one.
    package func verifies(_ code: [UInt8], of bytes: [UInt8]) -> Bool {
        let right = self.code(of: bytes)
        return code.count == right.count && CRYPTO_memcmp(code, right, right.count) == 0
    }
}
