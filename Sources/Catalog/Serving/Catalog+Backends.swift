package import Core
import Foundation
import GRDB
package import Release

/// A row of `backend`.
package struct BackendRow: Sendable {
    package let id: Int64
    package let backend: BackendID
    /// Nil: its revision was collected.
    package let revision: Int64?
    package let spec: BackendSpec
    package let created: Instant

    init(_ row: Row) throws {
        id = row[0]
        backend = BackendID(Digest(column: row[1]))
        revision = row[2]
        spec = try StoredText.decode(row[3])
        created = Instant(column: row[4])
    }

    package var label: BackendLabel { BackendLabel(id: backend, model: spec.model) }
    package var served: ServedBackend { ServedBackend(id: backend, spec: spec) }
}

private let backendQuery = "SELECT b.id, b.digest, b.revision, b.spec, b.created_at FROM backend b"

extension Snapshot {
    package func backendRow(_ id: BackendID) throws -> BackendRow? {
        try db.one(backendQuery + " WHERE b.digest = ?", [id.digest.column]).map(BackendRow.init)
    }

    package func backendRow(row: Int64) throws -> BackendRow {
        guard let found = try db.one(backendQuery + " WHERE b.id = ?", [row]).map(BackendRow.init) else { throw damaged("backend") }
        return found
    }

    package func backendRows(of endpoint: Int64) throws -> [BackendRow] {
        try db.all(backendQuery + " WHERE b.endpoint = ? ORDER BY b.id DESC", [endpoint]).map(BackendRow.init)
    }

    /// The files of a revision as a backend needs them.
    package func pinnedFiles(ofRevision id: Int64) throws -> [PinnedFile] {
        guard let revision = try revision(id: id) else { throw damaged("revision") }
        return try files(tree: revision.treeRow).map {
            PinnedFile(path: $0.path, size: $0.size, digest: $0.digest, isExecutable: $0.isExecutable)
        }
    }
}

extension Transaction {
    /// The same description is the same row. One whose revision was collected gets it back.
    package func addBackend(_ spec: BackendSpec, id: BackendID, canonical: [UInt8], endpoint: Int64, revision: Int64) throws -> Int64 {
        if let known = try rows.backendRow(id) {
            if known.revision == nil { try db.run("UPDATE backend SET revision = ? WHERE id = ?", [revision, known.id]) }
            return known.id
        }
        guard
            let row = try db.insert(
                "INSERT INTO backend (digest, endpoint, revision, spec, canonical, created_at) VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
                [id.digest.column, endpoint, revision, StoredText.encode(spec), Data(canonical), now.column])
        else { throw damaged("backend") }
        return row
    }
}
