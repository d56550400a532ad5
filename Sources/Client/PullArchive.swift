package import API
import Core
import Foundation
import Hashing

extension Session {
    /// Writes the files of `lock` as one archive to an open file descriptor, as they arrive and
    /// without a copy on disk. Each is verified while it passes; where one is wrong, the archive
    /// is left without its end, and this throws. All members bear the revision's time, so the
    /// same revision gives the same archive.
    package func pull(_ lock: FolderLock, _ info: RevisionInfo, as format: WriteArchive.Format, to descriptor: Int32, progress: ProgressMeter)
        async throws
    {
        progress.begin(.fetching, total: lock.files.reduce(0) { $0 + $1.size })
        let writing = Crew(count: 1, name: "archive")
        let time = try? Date(info.created, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        // The earliest time that zip can hold, where the server's is not understood.
        let seconds = Int(time?.timeIntervalSince1970 ?? 315_532_800)
        let archive = try await writing.run { _ in try WriteArchive(format, to: descriptor) }
        for file in lock.files {
            try await writing.run { _ in try archive.begin(file, seconds: seconds) }
            let place = LockedPlace(repo: lock.repo, commit: lock.commit, path: file.path)
            let hasher = StreamHasher()
            if file.size > 0 {
                let sink = RangeSink(ByteRange(0, file.size), of: file.size, what: place.shown, progress: progress) { bytes, _ in
                    hasher.update(bytes)
                    try archive.write(bytes)
                }
                try await fetch(place, sink)
            }
            let found = Digest(bytes: hasher.finish())
            guard found == file.digest else {
                throw HubError(
                    .digestMismatch,
                    "\(place.shown) arrived damaged: expected \(file.digest), received \(found); the archive is incomplete, do not use it, and have the server checked with 'grayling verify --store'"
                )
            }
        }
        try await writing.run { _ in try archive.finish() }
    }
}
