package import Core
import Glibc

/// The catalog is one file among the root's, and takes a new version of itself in one step.
extension DataRoot {
    package var hasCatalog: Bool { access(layout.catalog, F_OK) == 0 }

    /// Where a new catalog may be written; nothing is there.
    package func newCatalogPath() throws(HubError) -> String {
        let path = layout.catalog + ".new"
        for suffix in ["", "-wal", "-shm", "-journal"] { try Disk.remove(path + suffix) }
        return path
    }

    /// Gives the new catalog its name, once it and its folder are on disk.
    package func installNewCatalog() throws(HubError) {
        let new = layout.catalog + ".new"
        try Disk.open(new, O_RDONLY).sync()
        // A log beside it would be taken for its own. The catalog it belonged to is about to be replaced:
        // should we stop between the two, that is an earlier backup, whole up to its last checkpoint.
        for path in [layout.catalogLog, layout.catalogMemory, new + "-wal", new + "-shm"] { try Disk.remove(path) }
        try Disk.rename(new, layout.catalog)
        try Disk.syncFolder(layout.root)
    }
}
