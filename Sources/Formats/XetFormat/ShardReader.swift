package import Core

/// Reads a shard as it arrives, in pieces of any size, and gives each file block as soon as it is whole. Memory is the
/// largest file block, not the shard.
///
/// Refuses with `.invalidRequest`, or `.tooLarge` where a limit is passed; the message says what was expected and where.
/// After an error the reader is of no more use.
package struct ShardReader: Sendable {
    package struct Rules: Sendable {
        /// Bytes of the whole shard.
        package var longest = 128 << 20
        package var termsInFile = 1 << 20
        /// Every file must prove its terms: flag bit 31.
        package var requiresVerification = true
        /// Every file must name its SHA-256: flag bit 30.
        package var requiresDigest = true
        /// Xorb blocks are skipped unless somebody wants them.
        package var keepsXorbs = false
        package init() {}
    }

    package enum Part: Hashable, Sendable {
        case file(ShardFile)
        /// Only with `keepsXorbs`.
        case xorb(ShardXorb)
    }

    private enum State {
        case header, fileHead, fileBody, xorbHead, xorbBody, end
    }
    private let rules: Rules
    private var state = State.header
    /// Bytes read, and the part of a record, or of what follows the xorbs, that is not dealt with yet.
    private var offset = 0
    private var partial: [UInt8] = []
    private var block = ShardBlock()
    private var tail = ShardTail()

    package init(rules: Rules = Rules()) { self.rules = rules }

    /// Reads all of `bytes`; the parts that became whole, in order.
    package mutating func consume(_ bytes: UnsafeRawBufferPointer) throws(HubError) -> [Part] {
        var parts: [Part] = []
        var at = 0
        guard offset + partial.count + bytes.count <= rules.longest else {
            throw HubError(.tooLarge, "the shard is longer than \(rules.longest) bytes; send the files in several shards")
        }
        while at < bytes.count, state != .end {
            let part = min(ShardFormat.recordLength - partial.count, bytes.count - at)
            let piece = UnsafeRawBufferPointer(rebasing: bytes[at..<at + part])
            at += part
            if part == ShardFormat.recordLength {
                try read(piece, &parts)
            } else {
                partial.append(contentsOf: piece)
                guard partial.count == ShardFormat.recordLength else { break }
                let record = partial
                partial.removeAll(keepingCapacity: true)
                try read(record, &parts)
            }
        }
        if state == .end, at < bytes.count {
            try tail.add(UnsafeRawBufferPointer(rebasing: bytes[at...]), at: offset)
            offset += bytes.count - at
        }
        return parts
    }

    /// Ends the shard. Throws where it is not complete.
    package func finish() throws(HubError) {
        guard state == .end else {
            throw HubError(
                .invalidRequest,
                "the shard ends at byte \(offset + partial.count) inside its \(section); expected the end record of its xorb section")
        }
        try tail.finish(at: offset)
    }

    private var section: String {
        switch state {
        case .header: "header"
        case .fileHead, .fileBody: "file section"
        case .xorbHead, .xorbBody, .end: "xorb section"
        }
    }

    private mutating func read(_ record: [UInt8], _ parts: inout [Part]) throws(HubError) {
        let result = record.withUnsafeBytes { record in Result { () throws(HubError) in try read(record, &parts) } }
        try result.get()
    }

    private mutating func read(_ record: UnsafeRawBufferPointer, _ parts: inout [Part]) throws(HubError) {
        let at = offset
        offset += ShardFormat.recordLength
        switch state {
        case .header:
            tail.footerLength = try ShardBlock.header(record)
            state = .fileHead
        case .fileHead:
            if try ShardBlock.isBookend(record, at: at) {
                tail.xorbSection = offset
                state = .xorbHead
            } else {
                try block.begin(file: record, at: at, rules)
                state = .fileBody
            }
            try close(&parts)
        case .fileBody:
            try block.add(toFile: record, at: at)
            try close(&parts)
        case .xorbHead:
            if try ShardBlock.isBookend(record, at: at) {
                tail.begin = offset
                state = .end
            } else {
                try block.begin(xorb: record, at: at)
                state = .xorbBody
            }
        case .xorbBody:
            try block.add(toXorb: record, at: at, keep: rules.keepsXorbs)
            guard block.missing == 0 else { return }
            if rules.keepsXorbs { parts.append(.xorb(block.xorb)) }
            state = .xorbHead
        case .end:
            preconditionFailure("what follows the xorb section is not made of records")
        }
    }

    private mutating func close(_ parts: inout [Part]) throws(HubError) {
        guard state == .fileBody, block.missing == 0 else { return }
        parts.append(.file(block.file))
        state = .fileHead
    }
}
