package import Core
import Foundation
import GRDB
package import Release

extension Transaction {
    package func saveAnalysis(_ save: AnalysisSave, of release: Int64) throws {
        try db.run(
            """
            INSERT INTO analysis (release, body, stopwatch, saved_at) VALUES (?, ?, ?, ?)
            ON CONFLICT (release) DO UPDATE SET body = excluded.body, stopwatch = excluded.stopwatch, saved_at = excluded.saved_at
            """, [release, save.analysis.description, StoredText.encode(save.stopwatch), now.column])
        for mark in save.sessions {
            try db.run(
                """
                INSERT INTO analysis_session (release, key, harmed, is_closed) VALUES (?, ?, ?, ?)
                ON CONFLICT (release, key) DO UPDATE SET harmed = excluded.harmed, is_closed = excluded.is_closed
                """, [release, Int64(bitPattern: mark.key), Int64(mark.harmed), mark.isClosed])
        }
    }

    /// Nobody is compared any more; the sums stay.
    package func forgetSessions(of release: Int64) throws { try db.run("DELETE FROM analysis_session WHERE release = ?", [release]) }
}

extension Snapshot {
    /// As it was saved last, its sessions in it.
    package func analysis(of release: Int64, withSessions: Bool) throws -> (analysis: Analysis, stopwatch: Stopwatch, at: Instant)? {
        guard let row = try db.one("SELECT body, stopwatch, saved_at FROM analysis WHERE release = ?", [release]) else { return nil }
        var analysis = try Analysis(parsing: row[0] as String)
        if withSessions {
            analysis.restore(
                sessions: try db.all("SELECT key, harmed, is_closed FROM analysis_session WHERE release = ?", [release]).map {
                    SessionMark(key: UInt64(bitPattern: $0[0] as Int64), harmed: UInt32(truncatingIfNeeded: $0[1] as Int64), isClosed: $0[2])
                })
        }
        return (analysis, try StoredText.decode(row[1]), Instant(column: row[2]))
    }
}
