import API
import Core
import Glibc
import Synchronization

/// Gives verified bytes their names in a pulled folder. Every call blocks.
struct Placing: Sendable {
    let destination: Destination
    let incoming: OpenFile
    let cache: ContentCache?
    let linksFromCache: Bool

    /// Puts one blob at each of its paths. It waits in the folder of incoming files, or is in
    /// the cache already.
    func place(_ files: [LockedFile], isCached: Bool) throws(HubError) {
        let digest = files[0].digest
        if let cache {
            if !isCached { try cache.adopt(digest, from: incoming) }
            for file in files { try copy(file, from: cache) }
            return
        }
        // The copies first: the last step takes the original away.
        for file in files.dropFirst() {
            guard let source = try incoming.openFile(digest.hex) else { throw Self.gone(digest, incoming) }
            let name = digest.hex + ".copy"
            try incoming.createFile(name, flags: O_RDWR | O_CREAT | O_TRUNC).copy(from: source)
            try finish(name, file)
        }
        try finish(digest.hex, files[0])
    }

    private func copy(_ file: LockedFile, from cache: ContentCache) throws(HubError) {
        let name = file.digest.hex + ".copy"
        try incoming.remove(name)
        // A link shares its mode, and the cache's files are not executable.
        if linksFromCache, !file.isExecutable, try cache.link(file.digest, into: incoming, as: name) {
            let parent = try destination.folder(of: file.path, making: true)
            try incoming.rename(name, to: parent, String(file.path.name))
            // rename does nothing where both names are already the same file.
            return try incoming.remove(name)
        }
        guard let source = try cache.reopen(file.digest) else { throw Self.gone(file.digest, incoming) }
        try incoming.createFile(name, flags: O_RDWR | O_CREAT | O_TRUNC).copy(from: source)
        try finish(name, file)
    }

    private func finish(_ name: String, _ file: LockedFile) throws(HubError) {
        guard let open = try incoming.openFile(name) else { throw Self.gone(file.digest, incoming) }
        try open.setExecutable(file.isExecutable)
        let parent = try destination.folder(of: file.path, making: true)
        try incoming.rename(name, to: parent, String(file.path.name))
    }

    /// Writes the lock beside the files, last of all: it says that they are there.
    func write(_ lock: FolderLock) throws(HubError) {
        let name = FolderLock.fileName + ".new"
        try incoming.remove(name)
        let file = try incoming.createFile(name, flags: O_RDWR | O_CREAT | O_EXCL)
        var failure: HubError?
        lock.bytes.withUnsafeBytes { bytes in
            do { try file.write(bytes, at: 0) } catch { failure = error as? HubError }
        }
        if let failure { throw failure }
        try incoming.rename(name, to: try destination.folder([Substring(FolderLock.stateFolder)], making: true), FolderLock.fileName)
    }

    private static func gone(_ digest: Digest, _ folder: OpenFile) -> HubError {
        HubError(
            .unavailable,
            "\(digest) vanished from '\(folder.location)' during the pull; let only one pull at a time work in a folder, and run it again")
    }
}

/// Blobs and bytes that came over the wire.
final class Counter: Sendable {
    private let state = Mutex((count: 0, bytes: Int64(0)))
    var count: Int { state.withLock { $0.count } }
    var bytes: Int64 { state.withLock { $0.bytes } }
    func add(_ bytes: Int64) {
        state.withLock {
            $0.count += 1
            $0.bytes += bytes
        }
    }
}
