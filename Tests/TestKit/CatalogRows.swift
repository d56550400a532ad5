import Foundation
import GRDB

/// Every row of a catalog as text, read beside the program that has it open: what a test compares
/// to say that nothing changed.
package struct CatalogRows: Equatable, Sendable {
    /// By table; rows in the order of the text.
    package let tables: [String: [String]]

    package init(of path: String) throws {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        tables = try queue.read { db in
            let names = try String.fetchAll(
                db, sql: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'repo_search%'")
            var tables: [String: [String]] = [:]
            for name in names {
                // When a token was last used is noted beside the request, some time after it.
                let columns = try db.columns(in: name).map(\.name).filter { $0 != "last_used_at" }
                let list = columns.map { "quote(\($0))" }.joined(separator: " || ' ' || ")
                tables[name] = try String.fetchAll(db, sql: "SELECT \(list) FROM \(name)").sorted()
            }
            return tables
        }
        try queue.close()
    }

    package func count(_ table: String) -> Int { tables[table]?.count ?? 0 }

    /// Tables with other rows than `other`.
    package func tablesDifferent(from other: CatalogRows) -> Set<String> {
        Set(tables.keys).union(other.tables.keys).filter { tables[$0] != other.tables[$0] }
    }
}

/// Does to a catalog's file what no program of ours would: for tests of damage.
package func tamper(_ path: String, _ sql: String) throws {
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    configuration.busyMode = .timeout(5)
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
    try queue.close()
}
