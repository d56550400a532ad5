package import Core

/// Checks what a shard says about a file against the chunks that are really there, term by term (Xet specification, shard
/// upload): that the runs exist and have the stated lengths, that the caller knows their hashes, and that the file's id is
/// the Merkle hash over all of them. That its SHA-256 is true is for whoever reads the bytes.
package struct ShardFileProof: Sendable {
    private let file: ShardFile
    private var checked = 0
    private var merkle = XetMerkle()

    package init(_ file: ShardFile) { self.file = file }

    /// The term that `check` deals with next; nil when all have been checked.
    package var next: ShardTerm? { checked < file.terms.count ? file.terms[checked] : nil }

    /// Checks the next term; `chunks` are all chunks of its xorb. Throws `.invalidRequest` where the shard is wrong.
    package mutating func check(_ chunks: [XetChunk]) throws(HubError) {
        guard let term = next else { preconditionFailure("the file has only \(file.terms.count) terms") }
        guard term.chunks.upperBound <= chunks.count else {
            throw refusal("needs chunks \(term.chunks.lowerBound) to \(term.chunks.upperBound)", "has \(chunks.count) chunks")
        }
        let run = chunks[term.chunks]
        let length = run.reduce(0) { $0 + $1.length }
        guard length == Int(term.rawLength) else { throw refusal("states \(term.rawLength) bytes", "has \(length) bytes there") }
        if !file.verification.isEmpty {
            guard XetHash.verification(of: run.lazy.map(\.hash)) == file.verification[checked] else {
                throw refusal("has another verification hash", "holds other chunks there")
            }
        }
        for chunk in run { merkle.append(chunk) }
        checked += 1
    }

    /// Throws `.digestMismatch` where the file's id is not that of its chunks. All terms must have been checked.
    package func finish() throws(HubError) {
        precondition(next == nil, "term \(checked) has not been checked")
        guard merkle.fileID == file.id else {
            throw HubError(.digestMismatch, "the shard names the file \(file.id), but its chunks make \(merkle.fileID)")
        }
    }

    private func refusal(_ stated: String, _ found: String) -> HubError {
        HubError(.invalidRequest, "term \(checked) of the file \(file.id) \(stated), but xorb \(file.terms[checked].xorb) \(found)")
    }
}
