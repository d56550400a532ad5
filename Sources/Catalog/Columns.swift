import Core
import Foundation
import GRDB

// How values stand in columns. Text that was checked at the door is trusted here; a row that
// does not parse means a damaged file and says so.

extension Digest {
    var column: Data { Data(bytes) }
    init(column: Data) { self.init(bytes: column) }
}

extension GitID {
    var column: Data { Data(bytes) }
    init(column: Data) { self.init(bytes: column) }
}

extension Instant {
    var column: Int64 { milliseconds }
    init(column: Int64) { self.init(milliseconds: column) }
}

func damaged(_ what: String) -> HubError {
    HubError(.storageDamaged, "the catalog holds an unreadable \(what); run 'grayling verify --store'")
}

extension Database {
    /// One row of a statement that is prepared once for each connection.
    func one(_ sql: String, _ arguments: StatementArguments = []) throws -> Row? {
        try Row.fetchOne(cachedStatement(sql: sql), arguments: arguments)
    }
    func all(_ sql: String, _ arguments: StatementArguments = []) throws -> [Row] {
        try Row.fetchAll(cachedStatement(sql: sql), arguments: arguments)
    }
    /// Runs a statement that is prepared once for each connection.
    func run(_ sql: String, _ arguments: StatementArguments = []) throws {
        try cachedStatement(sql: sql).execute(arguments: arguments)
    }
    /// The id of the row that `INSERT … RETURNING id` made, or nil where nothing was inserted.
    func insert(_ sql: String, _ arguments: StatementArguments) throws -> Int64? {
        try Int64.fetchOne(cachedStatement(sql: sql), arguments: arguments)
    }
}
