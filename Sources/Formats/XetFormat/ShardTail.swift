import Core

/// What follows the xorb section: nothing, or lookup tables, which are skipped, and a footer of 200 bytes.
struct ShardTail: Sendable {
    var footerLength = 0
    /// Where the xorb section begins, and where it ends.
    var xorbSection = 0
    var begin = 0
    /// The last bytes so far, at most a footer's worth.
    private var last: [UInt8] = []

    mutating func add(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(HubError) {
        guard footerLength > 0 else {
            throw HubError(
                .invalidRequest, "the shard goes on behind its xorb section at byte \(offset); its header announces no footer")
        }
        last.append(contentsOf: bytes.suffix(footerLength))
        if last.count > footerLength { last.removeFirst(last.count - footerLength) }
    }

    func finish(at end: Int) throws(HubError) {
        guard footerLength > 0 else { return }
        guard last.count == footerLength else {
            throw HubError(
                .invalidRequest, "the shard ends after \(last.count) bytes behind its xorb section; expected a footer of \(footerLength)")
        }
        // Version, begin of both sections, and its own place: what the sections already read can prove.
        let expected = [
            (0, ShardFormat.footerVersion, "version"), (8, UInt64(ShardFormat.recordLength), "offset of the file section"),
            (16, UInt64(xorbSection), "offset of the xorb section"), (192, UInt64(end - footerLength), "own offset")
        ]
        for (at, value, name) in expected {
            let found = last.withUnsafeBytes { $0.u64(at: at) }
            guard found == value else {
                throw HubError(.invalidRequest, "the shard's footer states \(found) as its \(name); expected \(value)")
            }
        }
    }
}
