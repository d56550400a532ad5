package import Core
import Foundation
import GRDB

/// What Xet clients know this store by.
package struct XetStore: Hashable, Sendable {
    package let name: String
    package let epoch: Int64
    package init(name: String, epoch: Int64) {
        self.name = name
        self.epoch = epoch
    }
}

extension Snapshot {
    package func xetStore() throws -> XetStore? {
        try db.one("SELECT name, epoch FROM xet_store WHERE id = 1").map { XetStore(name: $0[0], epoch: $0[1]) }
    }

    /// Whether a xorb is made of one of these blobs.
    package func holdsXorbs(_ digests: [Digest]) throws -> Bool {
        for digest in digests
        where try db.one("SELECT 1 FROM blob b JOIN xorb x ON x.pack = b.id OR x.list = b.id WHERE b.digest = ? LIMIT 1", [digest.column]) != nil {
            return true
        }
        return false
    }
}

extension Transaction {
    /// The store's name and epoch: as kept before, or `fresh` and the first from now on.
    package func keepXetStore(fresh: String) throws -> XetStore {
        try db.run("INSERT INTO xet_store (id, name, epoch) VALUES (1, ?, 1) ON CONFLICT (id) DO NOTHING", [fresh])
        guard let store = try rows.xetStore() else { throw damaged("name of the Xet store") }
        return store
    }

    /// Makes clients forget what they sent. The new epoch is one that no copy of this catalog has had:
    /// a backup may be put back after its original went on.
    package func beginXetEpoch() throws {
        guard let store = try rows.xetStore() else { return }
        let epoch = max(store.epoch + 1, now.seconds)
        try db.run("UPDATE xet_store SET epoch = ? WHERE id = 1", [epoch])
        try record("xet.epoch-began", ["epoch": "\(epoch)"])
    }
}
