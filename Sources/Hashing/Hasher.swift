import CCrypto
package import Core

/// A running hash over libcrypto's EVP interface. Not for two threads at once.
package final class StreamHasher {
    package enum Algorithm { case sha256, sha1 }

    private let context: OpaquePointer
    private let algorithm: Algorithm

    package init(_ algorithm: Algorithm = .sha256) {
        guard let context = EVP_MD_CTX_new() else { fatalError("libcrypto: out of memory") }
        self.context = context
        self.algorithm = algorithm
        begin()
    }

    deinit { EVP_MD_CTX_free(context) }

    private func begin() {
        let kind = algorithm == .sha256 ? EVP_sha256() : EVP_sha1()
        precondition(EVP_DigestInit_ex(context, kind, nil) == 1, "libcrypto refused to begin a hash")
    }

    package func update(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
        precondition(EVP_DigestUpdate(context, base, bytes.count) == 1, "libcrypto refused bytes")
    }

    package func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes(update) }

    package func update(_ text: String) {
        var text = text
        text.withUTF8 { update(UnsafeRawBufferPointer($0)) }
    }

    /// The sum of everything so far; the hasher begins anew.
    package func finish() -> [UInt8] {
        let count = algorithm == .sha256 ? 32 : 20
        let sum = [UInt8](unsafeUninitializedCapacity: count) { out, written in
            var length: UInt32 = 0
            precondition(EVP_DigestFinal_ex(context, out.baseAddress, &length) == 1, "libcrypto refused to finish a hash")
            written = Int(length)
        }
        begin()
        return sum
    }
}

extension Digest {
    /// The digest of bytes at hand.
    package init(of bytes: [UInt8]) {
        let hasher = StreamHasher()
        hasher.update(bytes)
        self.init(bytes: hasher.finish())
    }

    /// The digest of a text's UTF-8 bytes.
    package init(of text: String) {
        let hasher = StreamHasher()
        hasher.update(text)
        self.init(bytes: hasher.finish())
    }
}
