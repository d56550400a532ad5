import Core
import Foundation
import GRDB

extension Snapshot {
    package func secret(named name: String) throws -> [UInt8]? {
        try db.one("SELECT value FROM secret WHERE name = ?", [name]).map { [UInt8]($0[0] as Data) }
    }
}

extension Transaction {
    /// The secret of that name: the one kept before, or `fresh` from now on.
    package func keepSecret(named name: String, fresh: [UInt8]) throws -> [UInt8] {
        try db.run("INSERT INTO secret (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING", [name, Data(fresh)])
        guard let kept = try rows.secret(named: name) else { throw damaged("secret") }
        return kept
    }
}
