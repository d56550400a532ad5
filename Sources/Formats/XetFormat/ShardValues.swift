package import Core

/// A run of chunks of one xorb, as part of a file.
package struct ShardTerm: Hashable, Sendable {
    package var xorb: XetHash
    /// Raw bytes of all its chunks together.
    package var rawLength: UInt32
    package var chunks: Range<Int>

    package init(xorb: XetHash, rawLength: UInt32, chunks: Range<Int>) {
        self.xorb = xorb
        self.rawLength = rawLength
        self.chunks = chunks
    }
}

/// What a shard says about a file.
package struct ShardFile: Hashable, Sendable {
    package var id: XetHash
    package var terms: [ShardTerm]
    /// One for each term, or none at all.
    package var verification: [XetHash]
    package var digest: Digest?
    package var rawLength: Int64 { terms.reduce(0) { $0 + Int64($1.rawLength) } }

    package init(id: XetHash, terms: [ShardTerm], verification: [XetHash], digest: Digest?) {
        self.id = id
        self.terms = terms
        self.verification = verification
        self.digest = digest
    }
}

/// What a shard says about a xorb.
package struct ShardXorb: Hashable, Sendable {
    package var hash: XetHash
    package var chunks: [XetChunk]
    /// Length of the serialised xorb; clients send 0.
    package var serialisedLength: UInt32

    package init(hash: XetHash, chunks: [XetChunk], serialisedLength: UInt32 = 0) {
        self.hash = hash
        self.chunks = chunks
        self.serialisedLength = serialisedLength
    }
}

/// The fixed parts of the shard format (Xet specification, shard format).
enum ShardFormat {
    static let recordLength = 48
    static let footerLength = 200
    static let tag: [UInt8] =
        Array("HFRepoMetaData".utf8) + [0, 85, 105, 103, 69, 106, 123, 129, 87, 131, 165, 189, 217, 92, 205, 209, 74, 169]
    static let headerVersion: UInt64 = 2
    static let footerVersion: UInt64 = 1
    static let withVerification: UInt32 = 1 << 31
    static let withDigest: UInt32 = 1 << 30
}
