package import Core
import Foundation
import GRDB

/// A run of chunks of a xorb, by the xorb's row: one step of a file.
package struct XetTerm: Hashable, Sendable {
    package let xorb: Int64
    package let chunks: Range<Int>
    /// Raw bytes.
    package let size: UInt32
    package init(xorb: Int64, chunks: Range<Int>, size: UInt32) {
        self.xorb = xorb
        self.chunks = chunks
        self.size = size
    }
}

package struct XetFileFacts: Hashable, Sendable {
    package let id: Int64
    package let hash: [UInt8]
    package let digest: Digest
    package let size: Int64
    package let terms: [XetTerm]
}

extension Snapshot {
    package func xetFile(_ hash: [UInt8]) throws -> XetFileFacts? {
        try db.one(
            "SELECT f.id, f.hash, b.digest, b.size, f.terms FROM xet_file f JOIN blob b ON b.id = f.blob WHERE f.hash = ?", [Data(hash)]
        ).map { row in
            XetFileFacts(
                id: row[0], hash: [UInt8](row[1] as Data), digest: Digest(column: row[2]), size: row[3], terms: TermList.decode(row[4]))
        }
    }

    /// The blob that a hash stands for, without its terms.
    package func blob(ofXetFile hash: [UInt8]) throws -> (digest: Digest, size: Int64)? {
        try db.one("SELECT b.digest, b.size FROM xet_file f JOIN blob b ON b.id = f.blob WHERE f.hash = ?", [Data(hash)])
            .map { (Digest(column: $0[0]), $0[1]) }
    }

    /// What clients call a blob that came by Xet: always the same of its hashes.
    package func xetHash(of digest: Digest) throws -> [UInt8]? {
        try db.one(
            "SELECT f.hash FROM xet_file f JOIN blob b ON b.id = f.blob WHERE b.digest = ? ORDER BY f.id LIMIT 1", [digest.column]
        ).map { [UInt8]($0[0] as Data) }
    }
}

extension Transaction {
    /// Notes what a blob is made of; the blob and all xorbs have rows by now. False where the hash was known.
    package func addXetFile(_ hash: [UInt8], blob: Int64, terms: [XetTerm]) throws -> Bool {
        guard
            let file = try db.insert(
                "INSERT INTO xet_file (hash, blob, terms) VALUES (?, ?, ?) ON CONFLICT (hash) DO NOTHING RETURNING id",
                [Data(hash), blob, TermList.encode(terms)])
        else { return false }
        var runs: [Int64: [Range<Int>]] = [:]
        for term in terms { runs[term.xorb, default: []].append(term.chunks) }
        for (xorb, runs) in runs.sorted(by: { $0.key < $1.key }) {
            try db.run("INSERT INTO xorb_use (xorb, file, runs) VALUES (?, ?, ?)", [xorb, file, ChunkRuns.encode(ChunkRuns.joined(runs))])
        }
        return true
    }
}
