package import Core
import GRDB
import Migrations

/// The index of everything: one SQLite file, one writer, many readers.
///
/// A write is on disk when `write` returns (`synchronous=FULL`); it is whole or absent, also
/// after a crash. No other process may open the file while this object lives: the data root's
/// lock sees to that.
package final class Catalog: Sendable {
    let pool: DatabasePool
    let sha256: @Sendable (String) -> Digest
    private let writer: Writer

    /// - Parameters:
    ///   - path: the file; it is made where it does not exist.
    ///   - sha256: how the event chain is hashed; this room has no hash of its own.
    package init(path: String, readers: Int = 8, sha256: @escaping @Sendable (String) -> Digest) throws {
        var configuration = Configuration()
        configuration.maximumReaderCount = readers
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { db in
            // Debian's library overwrites deleted pages with zeros by default, at a cost.
            try db.execute(sql: "PRAGMA secure_delete = OFF")
            try db.execute(sql: "PRAGMA temp_store = MEMORY")
            try db.execute(sql: "PRAGMA mmap_size = 268435456")
        }
        pool = try DatabasePool(path: path, configuration: configuration)
        self.sha256 = sha256
        try Self.migrate(pool)
        try pool.writeWithoutTransaction { db in
            // GRDB sets NORMAL when it opens a pool; an answer must mean "on disk".
            try db.execute(sql: "PRAGMA synchronous = FULL")
            // Automatic checkpoints would fall on whoever commits the thousandth page.
            try db.execute(sql: "PRAGMA wal_autocheckpoint = 0")
            guard try Int.fetchOne(db, sql: "PRAGMA synchronous") == 2 else {
                throw HubError(.internalError, "SQLite refused synchronous=FULL; writes would not be durable")
            }
        }
        writer = Writer(pool: pool)
    }

    /// Ends the writer after what is queued, and folds the log into the file.
    package func close() async {
        await writer.close()
        try? pool.close()
    }

    /// Runs `body` alone, in one transaction that is on disk when this returns. Waiting writes
    /// share a transaction; each is undone alone where it throws.
    package func write<Value: Sendable>(
        by actor: String, at now: Instant, _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        let sha256 = self.sha256
        return try await writer.run { db in
            try body(Transaction(db: db, actor: actor, now: now, sha256: sha256))
        }
    }

    /// Runs `body` on one consistent view of the committed state. Blocks the calling thread for
    /// as long as the queries take.
    package func read<Value>(_ body: (Snapshot) throws -> Value) throws -> Value {
        do {
            return try pool.unsafeReentrantRead { db in try body(Snapshot(db: db)) }
        } catch let error as DatabaseError {
            throw HubError(sqlite: error)
        }
    }

    /// Moves the write-ahead log into the database file and makes the log small again. Called
    /// from a background task, so that no request pays for it.
    package func checkpoint() async throws {
        try await writer.aside { db in
            _ = try db.checkpoint(.passive)
            do {
                _ = try db.checkpoint(.restart)
            } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
                // A reader is still in the log: it is begun anew the next time.
            }
        }
    }

    /// Copies the whole index, as it stands at one moment, into a new file, while others write.
    package func backup(to path: String) async throws {
        let target = try DatabaseQueue(path: path)
        try pool.backup(to: target)
        try await target.write { db in
            guard try String.fetchOne(db, sql: "PRAGMA integrity_check") == "ok" else {
                throw HubError(.storageDamaged, "the copy of the catalog does not pass SQLite's integrity check")
            }
        }
        try target.close()
    }
}

/// A consistent view for reading.
package struct Snapshot {
    let db: Database
}

/// One writer's turn: what it does is committed whole or not at all.
package struct Transaction {
    let db: Database
    package let actor: String
    package let now: Instant
    let sha256: @Sendable (String) -> Digest
    /// Reads see what this transaction has written so far.
    package var rows: Snapshot { Snapshot(db: db) }
}

extension HubError {
    /// What SQLite says, in the hub's words. Refusals that mean something to a user are
    /// translated where they are expected; what arrives here was not.
    init(sqlite error: DatabaseError) {
        switch error.resultCode {
        case .SQLITE_FULL:
            self.init(.storageFull, "the disk that holds the catalog is full; nothing was changed. Free some space and try again")
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self.init(.unavailable, "the catalog is busy; try again in a moment")
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            self.init(.storageDamaged, "the catalog is damaged (\(error.message ?? "no details")); stop the server and restore the last backup")
        default:
            self.init(.internalError, "the catalog refused: \(error.message ?? "\(error.resultCode)")")
        }
    }
}

/// Runs a statement whose refusal by a unique key or a trigger means `code` to the user.
func refusing<Value>(_ code: HubError.Code, _ message: @autoclosure () -> String, _ body: () throws -> Value) throws -> Value {
    do {
        return try body()
    } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
        throw HubError(code, message())
    }
}
