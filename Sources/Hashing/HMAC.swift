import CCrypto

/// HMAC-SHA-256 (RFC 2104) under a key that another side chose, of any length. Keys of our own
/// are a `Seal`'s.
package func hmacSHA256(of message: [UInt8], key: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 32) { out, written in
        var length: UInt32 = 0
        precondition(
            HMAC(EVP_sha256(), key, CInt(key.count), message, message.count, out.baseAddress, &length) != nil, "libcrypto refused to sign")
        written = Int(length)
    }
}
