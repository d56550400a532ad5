package import Core
import Foundation
import GRDB

/// A xorb as the catalog knows it. Hashes of the Xet protocol are 32 bytes here.
package struct XorbFacts: Hashable, Sendable {
    package let id: Int64
    package let hash: [UInt8]
    /// Its raw bytes, and its list of chunks: blobs.
    package let pack: Digest
    package let list: Digest
    package let chunks: Int
    /// Raw bytes.
    package let size: Int64
    package let touched: Instant
}

/// A xorb on its way into the catalog; both blobs must be on disk.
package struct XorbDraft: Sendable {
    package let hash: [UInt8]
    package let pack: Digest
    package let list: Digest
    package let listSize: Int64
    package let chunks: Int
    package let size: Int64
    /// Chunks that clients may ask for, with their places.
    package let queryable: [(hash: [UInt8], place: Int)]
    package init(hash: [UInt8], pack: Digest, list: Digest, listSize: Int64, chunks: Int, size: Int64, queryable: [(hash: [UInt8], place: Int)]) {
        self.hash = hash
        self.pack = pack
        self.list = list
        self.listSize = listSize
        self.chunks = chunks
        self.size = size
        self.queryable = queryable
    }
}

private let xorbQuery = """
    SELECT x.id, x.hash, p.digest, l.digest, x.chunks, x.size, x.touched_at
    FROM xorb x JOIN blob p ON p.id = x.pack JOIN blob l ON l.id = x.list
    """

private func xorbFacts(_ row: Row) -> XorbFacts {
    XorbFacts(
        id: row[0], hash: [UInt8](row[1] as Data), pack: Digest(column: row[2]), list: Digest(column: row[3]), chunks: row[4], size: row[5],
        touched: Instant(column: row[6]))
}

extension Snapshot {
    package func xorb(_ hash: [UInt8]) throws -> XorbFacts? {
        try db.one(xorbQuery + " WHERE x.hash = ?", [Data(hash)]).map(xorbFacts)
    }

    package func xorb(id: Int64) throws -> XorbFacts? { try db.one(xorbQuery + " WHERE x.id = ?", [id]).map(xorbFacts) }

    /// Xorbs in which clients may look for a chunk, and where in them it is; newest first.
    package func xorbs(holding chunk: [UInt8], limit: Int) throws -> [(xorb: XorbFacts, place: Int)] {
        try db.all("SELECT xorb, place FROM xet_chunk WHERE hash = ? ORDER BY xorb DESC LIMIT ?", [Data(chunk), limit]).compactMap { row in
            try xorb(id: row[0]).map { ($0, row[1]) }
        }
    }

    /// The chunks of a xorb that a user may refer to: all where they sent it or may see everything, else
    /// those that files are made of which they may read. Ascending, apart.
    package func runs(of xorb: XorbFacts, user: Int64?, seesAll: Bool) throws -> [Range<Int>] {
        if try seesAll || db.one("SELECT 1 FROM xorb_sender WHERE xorb = ? AND user = ?", [xorb.id, user]) != nil { return [0..<xorb.chunks] }
        let cursor = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT u.runs FROM xorb_use u JOIN xet_file f ON f.id = u.file WHERE u.xorb = ?1 AND EXISTS (
                      SELECT 1 FROM repo_blob h JOIN repo r ON r.id = h.repo WHERE h.blob = f.blob AND \(mayRead(user: "?2")))
                    """), arguments: [xorb.id, user])
        var runs: [Range<Int>] = []
        while let row = try cursor.next() {
            runs = ChunkRuns.joined(runs + ChunkRuns.decode(row[0]))
            // A popular xorb has many uses, and the first may say it all.
            if runs == [0..<xorb.chunks] { break }
        }
        return runs
    }
}

extension Transaction {
    /// The xorb's row, sent by this user. What is known already is renewed.
    package func addXorb(_ draft: XorbDraft, sender: Int64) throws {
        let pack = try addBlob(draft.pack, size: draft.size, gitID: nil)
        let list = try addBlob(draft.list, size: draft.listSize, gitID: nil)
        guard
            let id = try db.insert(
                """
                INSERT INTO xorb (hash, pack, list, chunks, size, touched_at) VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (hash) DO UPDATE SET
                  touched_at = CASE WHEN excluded.touched_at > xorb.touched_at THEN excluded.touched_at ELSE xorb.touched_at END
                RETURNING id
                """, [Data(draft.hash), pack, list, draft.chunks, draft.size, now.column])
        else { throw damaged("xorb") }
        try addSender(sender, of: id)
        for chunk in draft.queryable { try addQueryable(chunk.hash, in: id, at: chunk.place) }
    }

    package func addSender(_ user: Int64, of xorb: Int64) throws {
        try db.run("INSERT INTO xorb_sender (xorb, user) VALUES (?, ?) ON CONFLICT (xorb, user) DO NOTHING", [xorb, user])
    }

    package func addQueryable(_ chunk: [UInt8], in xorb: Int64, at place: Int) throws {
        try db.run(
            "INSERT INTO xet_chunk (hash, xorb, place) VALUES (?, ?, ?) ON CONFLICT (hash, xorb) DO NOTHING", [Data(chunk), xorb, place])
    }

    /// From now on it is kept as long as if it had just been sent. False where it is gone.
    package func touchXorb(_ id: Int64) throws -> Bool {
        try db.run("UPDATE xorb SET touched_at = ? WHERE id = ? AND touched_at < ?", [now.column, id, now.column])
        return try db.one("SELECT 1 FROM xorb WHERE id = ?", [id]) != nil
    }
}
