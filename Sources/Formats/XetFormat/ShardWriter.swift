import Core

/// Writes shards (Xet specification, shard format). Integers are little-endian and every record has 48 bytes.
package struct ShardWriter {
    private var bytes: [UInt8] = []

    /// The answer to a deduplication query: no file, the xorbs, and a footer.
    /// - Parameters:
    ///   - key: chunk hashes are hidden under it; zero shows them as they are. Names of xorbs always stay in clear.
    ///   - created, expires: unix seconds; behind `expires` clients forget the answer.
    package static func answer(_ xorbs: [ShardXorb], key: XetHash = .zero, created: Int64, expires: Int64) -> [UInt8] {
        var writer = ShardWriter()
        writer.header(footer: ShardFormat.footerLength)
        writer.bookend()
        let offset = writer.bytes.count
        for xorb in xorbs { writer.add(xorb, key: key) }
        writer.bookend()
        writer.footer(xorbs, offset: offset, key: key, created: created, expires: expires)
        return writer.bytes
    }

    /// What clients upload: files and new xorbs, without a footer.
    package static func upload(files: [ShardFile], xorbs: [ShardXorb]) -> [UInt8] {
        var writer = ShardWriter()
        writer.header(footer: 0)
        for file in files { writer.add(file) }
        writer.bookend()
        for xorb in xorbs { writer.add(xorb, key: .zero) }
        writer.bookend()
        return writer.bytes
    }

    private mutating func header(footer: Int) {
        bytes += ShardFormat.tag
        bytes.append(ShardFormat.headerVersion)
        bytes.append(UInt64(footer))
    }

    private mutating func bookend() {
        bytes.append(XetHash.bookend)
        bytes.append(UInt64(0))
        bytes.append(UInt64(0))
    }

    private mutating func record(_ hash: XetHash, _ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: UInt32) {
        bytes.append(hash)
        for number in [a, b, c, d] { bytes.append(number) }
    }

    private mutating func add(_ file: ShardFile) {
        precondition(file.verification.isEmpty || file.verification.count == file.terms.count, "one verification hash for each term")
        let flags =
            (file.verification.isEmpty ? 0 : ShardFormat.withVerification) | (file.digest == nil ? 0 : ShardFormat.withDigest)
        record(file.id, flags, UInt32(file.terms.count), 0, 0)
        for term in file.terms {
            record(term.xorb, 0, term.rawLength, UInt32(term.chunks.lowerBound), UInt32(term.chunks.upperBound))
        }
        for hash in file.verification { record(hash, 0, 0, 0, 0) }
        if let digest = file.digest { record(XetHash(digest), 0, 0, 0, 0) }
    }

    private mutating func add(_ xorb: ShardXorb, key: XetHash) {
        let raw = xorb.chunks.reduce(0) { $0 + $1.length }
        record(xorb.hash, 0, UInt32(xorb.chunks.count), UInt32(raw), xorb.serialisedLength)
        var offset: UInt32 = 0
        for chunk in xorb.chunks {
            record(chunk.hash.keyed(for: key), offset, UInt32(chunk.length), 0, 0)
            offset += UInt32(chunk.length)
        }
    }

    private mutating func footer(_ xorbs: [ShardXorb], offset: Int, key: XetHash, created: Int64, expires: Int64) {
        let end = UInt64(bytes.count)
        bytes.append(ShardFormat.footerVersion)
        bytes.append(UInt64(ShardFormat.recordLength))
        bytes.append(UInt64(offset))
        // Three lookup tables of no entries.
        for _ in 0..<3 {
            bytes.append(end)
            bytes.append(UInt64(0))
        }
        bytes.append(key)
        bytes.append(UInt64(max(0, created)))
        bytes.append(UInt64(max(0, expires)))
        for _ in 0..<6 { bytes.append(UInt64(0)) }
        bytes.append(xorbs.reduce(0) { $0 + UInt64($1.serialisedLength) })
        bytes.append(UInt64(0))
        bytes.append(xorbs.reduce(0) { $0 + $1.chunks.reduce(0) { $0 + UInt64($1.length) } })
        bytes.append(end)
    }
}
