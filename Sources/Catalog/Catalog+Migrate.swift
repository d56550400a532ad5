import Core
import GRDB
import Migrations

extension Catalog {
    /// Applies what is missing, each migration in a transaction of its own. Refuses a database
    /// that a newer program wrote.
    static func migrate(_ pool: DatabasePool) throws {
        try pool.writeWithoutTransaction { db in
            try db.execute(
                sql: """
                    CREATE TABLE IF NOT EXISTS schema_migration (
                      number INTEGER PRIMARY KEY,
                      name   TEXT NOT NULL UNIQUE
                    ) STRICT
                    """)
            let applied = try Row.fetchAll(db, sql: "SELECT number, name FROM schema_migration ORDER BY number")
            for (index, row) in applied.enumerated() {
                let number: Int = row[0]
                let name: String = row[1]
                guard index < Migrations.all.count, Migrations.all[index].name == name, number == index + 1 else {
                    throw HubError(
                        .unavailable,
                        "this data root was written by a newer Grayling (it has migration \(name), this program knows up to \(Migrations.all.last?.name ?? "none")); start that newer program, or restore a backup made before the upgrade"
                    )
                }
            }
            for migration in Migrations.all.dropFirst(applied.count) {
                try db.inTransaction(.immediate) {
                    try db.execute(sql: migration.sql)
                    try db.execute(
                        sql: "INSERT INTO schema_migration (number, name) VALUES (?, ?)",
                        arguments: [migration.number, migration.name])
                    return .commit
                }
            }
        }
    }
}
