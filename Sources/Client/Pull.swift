import API
import CLinux
import Core
import Glibc

package struct PullOptions: Sendable {
    /// Blobs are kept here too, and taken from here.
    package var cache: ContentCache?
    /// Hard links out of the cache instead of copies.
    package var linksFromCache = false
    package init() {}
}

/// What a pull had to do.
package struct PullSummary: Sendable {
    package let files: Int
    package let totalBytes: Int64
    /// Files that stood there already, with the right bytes.
    package let kept: Int
    /// Blobs that came over the wire, and their bytes, counted once.
    package let fetched: Int
    package let fetchedBytes: Int64
}

extension Session {
    /// Makes `destination` hold the files of `lock`. A file gets its name only when its bytes are
    /// verified; files of other names are left alone. After a cut, the same call goes on.
    package func pull(_ lock: FolderLock, into destination: Destination, _ options: PullOptions = PullOptions(), progress: ProgressMeter) async throws
        -> PullSummary
    {
        if let file = lock.files.first(where: { $0.path.parts[0].lowercased() == FolderLock.stateFolder }) {
            throw HubError(
                .invalidPath,
                "\(lock.repo) has a file '\(file.path)', and '\(FolderLock.stateFolder)' in a pulled folder is our own; fetch it with --tar instead")
        }
        let incoming = try destination.incoming()
        guard clinux_try_lock(incoming.descriptor) == 0 else {
            throw HubError(.unavailable, "another pull is working in '\(FilePath.printable(destination.location))'; wait until it is done")
        }
        let kept = try await Self.filesInPlace(lock, destination, progress: progress)
        var groups: [Digest: [LockedFile]] = [:]
        for file in lock.files where !kept.contains(file.path) { groups[file.digest, default: []].append(file) }
        let wanted = groups.values.sorted { $0[0].path < $1[0].path }
        progress.begin(.fetching, total: wanted.reduce(0) { $0 + $1[0].size })

        let hashing = HashFiles.crew(for: wanted.count)
        let download = Download(session: self, incoming: incoming, hashing: hashing, progress: progress)
        let placing = Placing(destination: destination, incoming: incoming, cache: options.cache, linksFromCache: options.linksFromCache)
        let fetched = Counter()
        try await Crew.forEach(wanted, limit: transport.crew.count) { files in
            let file = files[0]
            let cached = try await hashing.run { _ in try options.cache?.open(file.digest, size: file.size) }
            if cached == nil {
                try await download.fetch(file, from: LockedPlace(repo: lock.repo, commit: lock.commit, path: file.path))
                fetched.add(file.size)
            } else {
                progress.add(file.size)
            }
            try await hashing.run { _ in try placing.place(files, isCached: cached != nil) }
        }
        try await hashing.run { _ in try placing.write(lock) }
        return PullSummary(
            files: lock.files.count, totalBytes: lock.files.reduce(0) { $0 + $1.size }, kept: kept.count, fetched: fetched.count,
            fetchedBytes: fetched.bytes)
    }

    /// The files that need not be fetched: right size, right hash. Their modes are set right here.
    private static func filesInPlace(_ lock: FolderLock, _ destination: Destination, progress: ProgressMeter) async throws -> Set<FilePath> {
        progress.begin(.checking, total: 0)
        let crew = HashFiles.crew(for: lock.files.count)
        let inPlace = try await HashFiles.map(lock.files) { file in
            try await crew.run { _ in
                guard let open = try destination.openFile(file.path), Int64(try open.facts().st_size) == file.size,
                    try HashFiles.digest(of: open, progress: progress) == file.digest
                else { return false }
                let isLinked = try open.facts().st_nlink > 1
                // A link's mode is also the mode of its twins.
                if !isLinked { try open.setExecutable(file.isExecutable) }
                let runs = try open.facts().st_mode & 0o100 != 0
                return !isLinked || runs == file.isExecutable
            }
        }
        return Set(zip(lock.files, inPlace).filter(\.1).map(\.0.path))
    }
}
