package import Core
import Foundation
import GRDB

extension Transaction {
    /// Appends to the log, chained to the row before. `repo` is the name as of now.
    package func record(_ action: String, repo: RepoName? = nil, _ detail: [String: String] = [:]) throws {
        let last = try db.one("SELECT sequence, hash FROM event ORDER BY sequence DESC LIMIT 1")
        let sequence: Int64 = last.map { $0[0] + 1 } ?? 1
        let previous = last.map { Digest(column: $0[1]) } ?? EventChain.start
        let text = EventDetail.encode(detail)
        let name = repo.map { "\($0.kind.plural)/\($0.path)" }
        let hash = sha256(
            EventFacts.canonical(sequence: sequence, at: now, actor: actor, action: action, repo: name, detail: text, previous: previous))
        try db.run(
            "INSERT INTO event (sequence, at, actor, action, repo, detail, previous, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [sequence, now.column, actor, action, name, text, previous.column, hash.column])
    }
}

package enum EventChain {
    /// What the first event is chained to.
    package static let start = Digest(bytes: [UInt8](repeating: 0, count: 32))
}

extension Snapshot {
    /// Events behind `after`, oldest first; of one repo (as `models/owner/name`) or of all.
    package func events(after: Int64, repo: String?, limit: Int) throws -> [EventFacts] {
        let rows =
            if let repo {
                try db.all(
                    "SELECT sequence, at, actor, action, repo, detail, previous, hash FROM event WHERE repo = ? AND sequence > ? ORDER BY sequence LIMIT ?",
                    [repo, after, limit])
            } else {
                try db.all(
                    "SELECT sequence, at, actor, action, repo, detail, previous, hash FROM event WHERE sequence > ? ORDER BY sequence LIMIT ?",
                    [after, limit])
            }
        return rows.map { row in
            EventFacts(
                sequence: row[0], at: Instant(column: row[1]), actor: row[2], action: row[3], repo: row[4],
                detail: EventDetail.decode(row[5]), previous: Digest(column: row[6]), hash: Digest(column: row[7]))
        }
    }

    /// The sequence of the first event whose hash does not follow from it and the one before,
    /// or nil where the chain holds.
    package func firstBrokenEvent(sha256: (String) -> Digest) throws -> Int64? {
        var previous = EventChain.start
        var expected: Int64 = 1
        let cursor = try Row.fetchCursor(
            db, sql: "SELECT sequence, at, actor, action, repo, detail, previous, hash FROM event ORDER BY sequence")
        while let row = try cursor.next() {
            let sequence: Int64 = row[0]
            let hash = Digest(column: row[7])
            let again = sha256(
                EventFacts.canonical(
                    sequence: sequence, at: Instant(column: row[1]), actor: row[2], action: row[3], repo: row[4], detail: row[5],
                    previous: previous))
            guard sequence == expected, Digest(column: row[6]) == previous, again == hash else { return sequence }
            previous = hash
            expected += 1
        }
        return nil
    }
}
