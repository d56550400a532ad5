import Core

/// The block of a shard that is being read: a head record and as many records as it announces.
struct ShardBlock: Sendable {
    private(set) var file = ShardFile(id: .zero, terms: [], verification: [], digest: nil)
    private(set) var xorb = ShardXorb(hash: .zero, chunks: [])
    /// Records that still belong to the block.
    private(set) var missing = 0
    private var terms = 0
    private var flags: UInt32 = 0

    /// Checks the first 48 bytes; the length of the footer that they announce.
    static func header(_ record: UnsafeRawBufferPointer) throws(HubError) -> Int {
        guard record.starts(with: ShardFormat.tag) else {
            throw HubError(.invalidRequest, "this is not a shard: expected the tag HFRepoMetaData and its 17 bytes at the beginning")
        }
        guard record.u64(at: 32) == ShardFormat.headerVersion else {
            throw HubError(
                .invalidRequest, "the shard's header has version \(record.u64(at: 32)); expected version \(ShardFormat.headerVersion)")
        }
        let footer = record.u64(at: 40)
        guard footer == 0 || footer == UInt64(ShardFormat.footerLength) else {
            throw HubError(
                .invalidRequest, "the shard announces a footer of \(footer) bytes; expected 0 (none) or \(ShardFormat.footerLength)")
        }
        return Int(footer)
    }

    /// Whether a record ends its section.
    static func isBookend(_ record: UnsafeRawBufferPointer, at offset: Int) throws(HubError) -> Bool {
        guard record.hash(at: 0) == .bookend else { return false }
        guard record.u64(at: 32) == 0, record.u64(at: 40) == 0 else {
            throw refusal(offset, "ends a section, but its last 16 bytes are not zero")
        }
        return true
    }

    mutating func begin(file record: UnsafeRawBufferPointer, at offset: Int, _ rules: ShardReader.Rules) throws(HubError) {
        flags = record.u32(at: 32)
        terms = Int(record.u32(at: 36))
        let known = ShardFormat.withVerification | ShardFormat.withDigest
        guard flags & ~known == 0 else {
            throw refusal(offset, "is a file with unknown flags \(flags); expected bits 31 (verification) and 30 (SHA-256) only")
        }
        guard !rules.requiresVerification || hasVerification else {
            throw refusal(offset, "is a file without verification hashes; expected flag bit 31 and one hash for each term")
        }
        guard !rules.requiresDigest || hasDigest else {
            throw refusal(offset, "is a file without its SHA-256; expected flag bit 30 and one metadata record")
        }
        guard terms <= rules.termsInFile else {
            throw HubError(
                .tooLarge, "the file at byte \(offset) of the shard has \(terms) terms; expected at most \(rules.termsInFile)")
        }
        missing = terms * (hasVerification ? 2 : 1) + (hasDigest ? 1 : 0)
        file = ShardFile(id: record.hash(at: 0), terms: [], verification: [], digest: nil)
    }

    mutating func add(toFile record: UnsafeRawBufferPointer, at offset: Int) throws(HubError) {
        missing -= 1
        if file.terms.count < terms {
            file.terms.append(try Self.term(record, at: offset))
        } else if hasVerification, file.verification.count < terms {
            file.verification.append(record.hash(at: 0))
        } else {
            file.digest = record.hash(at: 0).digest
        }
    }

    private static func term(_ record: UnsafeRawBufferPointer, at offset: Int) throws(HubError) -> ShardTerm {
        let (length, start, end) = (record.u32(at: 36), Int(record.u32(at: 40)), Int(record.u32(at: 44)))
        guard start < end, end <= XetLimits.chunksInXorb else {
            throw refusal(
                offset, "is a term over chunks \(start) to \(end); expected a range that is not empty, up to \(XetLimits.chunksInXorb)")
        }
        guard Int(length) >= end - start, Int(length) <= (end - start) * XetLimits.longestChunk else {
            throw refusal(
                offset,
                "is a term of \(length) bytes in \(end - start) chunks; expected 1 to \(XetLimits.longestChunk) bytes for each chunk")
        }
        return ShardTerm(xorb: record.hash(at: 0), rawLength: length, chunks: start..<end)
    }

    mutating func begin(xorb record: UnsafeRawBufferPointer, at offset: Int) throws(HubError) {
        missing = Int(record.u32(at: 36))
        guard 1...XetLimits.chunksInXorb ~= missing else {
            throw Self.refusal(offset, "is a xorb of \(missing) chunks; expected 1 to \(XetLimits.chunksInXorb)")
        }
        xorb = ShardXorb(hash: record.hash(at: 0), chunks: [], serialisedLength: record.u32(at: 44))
    }

    mutating func add(toXorb record: UnsafeRawBufferPointer, at offset: Int, keep: Bool) throws(HubError) {
        missing -= 1
        let length = Int(record.u32(at: 36))
        guard 1...XetLimits.longestChunk ~= length else {
            throw Self.refusal(offset, "is a chunk of \(length) bytes; expected 1 to \(XetLimits.longestChunk)")
        }
        if keep { xorb.chunks.append(XetChunk(hash: record.hash(at: 0), length: length)) }
    }

    private var hasVerification: Bool { flags & ShardFormat.withVerification != 0 }
    private var hasDigest: Bool { flags & ShardFormat.withDigest != 0 }

    private func refusal(_ offset: Int, _ fault: String) -> HubError { Self.refusal(offset, fault) }
    private static func refusal(_ offset: Int, _ fault: String) -> HubError {
        HubError(.invalidRequest, "the record at byte \(offset) of the shard \(fault)")
    }
}
