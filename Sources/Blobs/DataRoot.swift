import CLinux
package import Core
import Glibc

/// A data folder that this process owns: its format was checked, its folders are there, and
/// its lock is held as long as this object lives.
package final class DataRoot: Sendable {
    package let layout: StorageLayout
    private let lock: SharedFile

    private init(_ layout: StorageLayout, _ lock: SharedFile) {
        self.layout = layout
        self.lock = lock
    }

    /// Makes what is missing, takes the lock, and clears away what a crash left half received.
    /// Throws `.unavailable` where the format is another, where another process holds the lock,
    /// and where the folder holds strangers' files but no `FORMAT`.
    /// - Parameter create: false refuses a folder that is not a data folder already.
    package static func open(_ path: String, create: Bool = true) throws(HubError) -> DataRoot {
        let layout = StorageLayout(root: path)
        if let status = try Disk.status(path), status.st_mode & S_IFMT == S_IFREG {
            throw HubError(.unavailable, "\(path) is a file, not a folder; choose a folder for the data")
        }
        let isNew = try !hasFormat(layout)
        if isNew {
            guard create else {
                throw HubError(
                    .unavailable, "\(path) is not a data folder: it has no FORMAT; check the path, or run 'grayling serve --data \(path)' to make one"
                )
            }
            try makeParents(of: path)
            try Disk.makeFolder(path, mode: 0o700)
            let strangers = try Disk.names(in: path).filter { !StorageLayout.ownNames.contains($0) }.sorted()
            guard strangers.isEmpty else {
                throw HubError(
                    .unavailable, "\(path) holds other files, such as '\(strangers[0])', and no FORMAT; choose an empty folder for the data")
            }
        }
        let root = DataRoot(layout, try takeLock(layout))
        try root.makeFolders()
        if try !hasFormat(layout) { try root.writeFormat() }
        try root.clearIncoming()
        try root.clearUnbegunUploads()
        return root
    }

    private static func hasFormat(_ layout: StorageLayout) throws(HubError) -> Bool {
        guard let file = try Disk.openIfPresent(layout.formatFile) else { return false }
        let text = try file.text(limit: 200)
        guard text == StorageLayout.format else {
            let found = text.split(separator: "\n", omittingEmptySubsequences: false).first ?? ""
            throw HubError(
                .unavailable,
                "\(layout.root) has the format '\(found)', and this program reads only 'grayling storage 1': a newer program wrote it; run that one, or choose another folder"
            )
        }
        return true
    }

    private static func takeLock(_ layout: StorageLayout) throws(HubError) -> SharedFile {
        let file = try Disk.open(layout.lock, O_RDWR | O_CREAT, mode: 0o644)
        guard try Disk.attempt("flock", unless: EWOULDBLOCK, { clinux_try_lock(file.descriptor) }) else {
            let holder = try file.text(limit: 32).filter(\.isNumber)
            throw HubError(
                .unavailable,
                "\(layout.root) is in use by process \(holder.isEmpty ? "(unknown)" : holder): one data folder has one server; stop that one, or choose another folder",
                details: ["pid": holder])
        }
        try Disk.attempt("ftruncate") { ftruncate(file.descriptor, 0) }
        let text = Array("\(getpid())\n".utf8)
        try Disk.attempt("write") { text.withUnsafeBytes { Int32(pwrite(file.descriptor, $0.baseAddress, $0.count, 0)) } }
        return file
    }

    private static func makeParents(of path: String) throws(HubError) {
        var at = path.startIndex
        while let slash = path[at...].dropFirst().firstIndex(of: "/") {
            try Disk.makeFolder(String(path[..<slash]))
            at = slash
        }
    }

    /// Parents first, then their names made durable, so that no later write has to.
    private func makeFolders() throws(HubError) {
        var changed: Set<String> = []
        for folder in layout.folders where try Disk.makeFolder(folder) {
            changed.insert(String(folder[..<folder.lastIndex(of: "/")!]))
        }
        for folder in changed { try Disk.syncFolder(folder) }
    }

    private func writeFormat() throws(HubError) {
        try SmallFile.write(StorageLayout.format, to: layout.formatFile, through: layout.incoming("FORMAT"))
        try Disk.syncFolder(layout.root)
        try Disk.syncFolder("\(layout.root)/..")
    }

    private func clearIncoming() throws(HubError) {
        for name in try Disk.names(in: layout.incoming) { try Disk.remove(layout.incoming(name)) }
    }

    /// `meta` is written last and removed first, so without it there is nothing to go on with.
    private func clearUnbegunUploads() throws(HubError) {
        for name in try Disk.names(in: layout.uploads) {
            guard let id = try? UploadID(parsing: name), try Disk.status(layout.uploadMeta(id)) == nil else { continue }
            try UploadFolder(layout, id).remove()
        }
    }
}

/// A text file that is there with all of its text or not at all.
enum SmallFile {
    /// The caller makes the new name durable.
    static func write(_ text: String, to path: String, through temporary: String) throws(HubError) {
        let file = try Disk.open(temporary, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o644)
        let bytes = Array(text.utf8)
        var done = 0
        while done < bytes.count {
            let start = done
            done += Int(
                try Disk.attempt("write") {
                    bytes.withUnsafeBytes { Int32(pwrite(file.descriptor, $0.baseAddress! + start, $0.count - start, off_t(start))) }
                })
        }
        try file.sync()
        try Disk.rename(temporary, path)
    }
}
