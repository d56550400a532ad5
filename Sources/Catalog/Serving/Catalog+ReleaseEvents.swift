package import Core
import Foundation
import GRDB
package import Release

/// The text whose SHA-256 is a release event's hash: every field with its length.
private func chainText(
    release: Int64, sequence: Int64, at: Instant, actor: String, event: String, phase: String, commands: String, generation: Int64, previous: Digest
) -> String {
    var text = "grayling release event 1\n\(previous.hex)\n\(release)\n\(sequence)\n\(at.milliseconds)\n\(generation)\n"
    for field in [actor, event, phase, commands] { text += "\(field.utf8.count):\(field)\n" }
    return text
}

extension Transaction {
    /// Appends what happened and what it made of the release. Returns the event's sequence.
    package func addReleaseEvent(_ event: Event, to row: ReleaseRow, before: Release.Phase, after: Release, commands: [Command]) throws -> Int64 {
        let last = try db.one("SELECT sequence, hash FROM release_event WHERE release = ? ORDER BY sequence DESC LIMIT 1", [row.id])
        let sequence: Int64 = last.map { $0[0] + 1 } ?? 1
        let previous = last.map { Digest(column: $0[1]) } ?? EventChain.start
        let (text, list) = (try StoredText.encode(event), try StoredText.encode(commands))
        let hash = sha256(
            chainText(
                release: row.id, sequence: sequence, at: now, actor: actor, event: text, phase: after.phase.rawValue, commands: list,
                generation: after.generation, previous: previous))
        try db.run(
            """
            INSERT INTO release_event (release, sequence, at, actor, event, phase_before, phase, step, generation, commands, previous, hash)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                row.id, sequence, now.column, actor, text, before.rawValue, after.phase.rawValue, after.step, after.generation, list,
                previous.column, hash.column
            ])
        return sequence
    }
}

extension Snapshot {
    package func releaseEvents(of row: Int64, id: ReleaseID, after: Int64, limit: Int) throws -> [ReleaseEventFacts] {
        try db.all(
            """
            SELECT sequence, at, actor, event, phase_before, phase, step, generation, commands, hash FROM release_event
            WHERE release = ? AND sequence > ? ORDER BY sequence LIMIT ?
            """, [row, after, limit]
        ).map { row in
            guard let before = Release.Phase(rawValue: row[4]), let phase = Release.Phase(rawValue: row[5]) else { throw damaged("release event") }
            return ReleaseEventFacts(
                release: id, sequence: row[0], at: Instant(column: row[1]), actor: row[2], event: try StoredText.decode(row[3]),
                phaseBefore: before, phase: phase, step: row[6], generation: row[7], commands: try StoredText.decode(row[8]),
                hash: Digest(column: row[9]))
        }
    }

    /// The release that its stored events make of its spec.
    package func replayed(row: Int64) throws -> Release {
        var release = Release(try releaseSpec(row: row))
        let cursor = try Row.fetchCursor(db, sql: "SELECT event FROM release_event WHERE release = ? ORDER BY sequence", arguments: [row])
        while let next = try cursor.next() { _ = release.reduce(try StoredText.decode(Event.self, next[0])) }
        return release
    }

    /// The sequence of the first event whose hash does not follow from it and the one before; nil
    /// where the chain holds.
    package func firstBrokenEvent(ofRelease row: Int64, sha256: (String) -> Digest) throws -> Int64? {
        var previous = EventChain.start
        var expected: Int64 = 1
        let cursor = try Row.fetchCursor(
            db,
            sql:
                "SELECT sequence, at, actor, event, phase, commands, generation, previous, hash FROM release_event WHERE release = ? ORDER BY sequence",
            arguments: [row])
        while let next = try cursor.next() {
            let hash = Digest(column: next[8])
            let again = sha256(
                chainText(
                    release: row, sequence: next[0], at: Instant(column: next[1]), actor: next[2], event: next[3], phase: next[4],
                    commands: next[5], generation: next[6], previous: previous))
            guard next[0] == expected, Digest(column: next[7]) == previous, again == hash else { return next[0] }
            previous = hash
            expected += 1
        }
        return nil
    }
}
