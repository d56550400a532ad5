import CLinux
package import Core
import Glibc
import NIOCore

/// One file of a folder that is to be made from blobs.
package struct PinnedBlob: Hashable, Sendable {
    package let path: FilePath
    package let size: Int64
    package let digest: Digest
    package let isExecutable: Bool
    package init(path: FilePath, size: Int64, digest: Digest, isExecutable: Bool = false) {
        self.path = path
        self.size = size
        self.digest = digest
        self.isExecutable = isExecutable
    }
}

/// How the files of a folder came to be, counted.
package struct Materialised: Hashable, Sendable {
    /// Share their bytes with the store, and are files of their own: writing one changes nothing there.
    package var reflinked = 0
    /// Are the store's own read-only files under another name.
    package var linked = 0
    package var copied = 0
    package var bytes: Int64 = 0
}

/// Blobs as a folder of files, for programs that read files.
extension DiskBlobStore {
    /// Makes the files in an empty folder. Every byte that stands there when this returns was hashed
    /// where it stands, and is on disk. Costs no copy where the filesystem can share extents or, with
    /// `mayLink`, has hard links; a blob that is a recipe is copied.
    /// - Parameter mayLink: whoever reads the folder cannot write through it: a hard link of a
    ///   read-only file is the store's own file.
    /// - Throws: `.digestMismatch` where bytes are not those of their name, `.blobsMissing` where one is
    ///   not here. What stands in the folder then is of no use.
    package func materialise(_ files: [PinnedBlob], into folder: String, mayLink: Bool) async throws -> Materialised {
        let missing = try await missing(from: Set(files.map(\.digest)).sorted())
        guard missing.isEmpty else {
            throw HubError(
                .blobsMissing, "\(missing.count) blobs are not in the store, such as \(missing[0]); run 'grayling verify --store'",
                details: ["blobs.missing": missing.map(\.description).joined(separator: ",")])
        }
        var total = Materialised()
        var folders: Set<String> = [folder]
        var canClone = true
        for file in files {
            try Task.checkCancellation()
            let made = try await onDisk { [folders] in try self.makeFolders(for: file.path, in: folder, known: folders) }
            folders.formUnion(made)
            let target = "\(folder)/\(file.path)"
            let place = try await onDisk { [canClone] in try self.place(file, at: target, mayClone: canClone, mayLink: mayLink) }
            let sums = RunningDigest()
            switch place {
            case .shared(let own, let isLink):
                let source = ByteSource(size: file.size, extents: [ByteSource.Extent(file: own, offset: 0, count: file.size)])
                for try await block in BlobBytes(source: source, range: ByteRange(0, file.size), threads: threads) {
                    try await onDisk { sums.update(block) }
                }
                try require(sums.finish().digest, of: file)
                if isLink { total.linked += 1 } else { total.reflinked += 1 }
            case .empty(let own):
                canClone = false
                var offset: Int64 = 0
                for try await block in try stream(file.digest, range: nil) {
                    let at = offset
                    try await onDisk {
                        sums.update(block)
                        try PositionedWrite.all(of: block, to: own, at: at, self.writeCall)
                    }
                    offset += Int64(block.readableBytes)
                }
                try require(sums.finish().digest, of: file)
                try await onDisk { try own.syncData() }
                total.copied += 1
            }
            total.bytes += file.size
            probe.reached(.materialiseVerified)
        }
        try await onDisk { [folders] in for path in folders.sorted() { try Disk.syncFolder(path) } }
        probe.reached(.materialiseLinked)
        return total
    }

    private enum Place: Sendable {
        case shared(SharedFile, isLink: Bool)
        /// To be filled.
        case empty(SharedFile)
    }

    /// The file under its name: sharing the store's bytes, or empty.
    private func place(_ file: PinnedBlob, at target: String, mayClone: Bool, mayLink: Bool) throws -> Place {
        let mode: mode_t = file.isExecutable ? 0o555 : 0o444
        let whole = try Disk.openIfPresent(layout.blob(file.digest))
        if let whole, try Int64(whole.status().st_size) != file.size {
            throw HubError(.digestMismatch, "\(file.path) has \(try whole.status().st_size) bytes in the store, the lock says \(file.size)")
        }
        if let whole, mayClone {
            let own = try Disk.open(target, O_RDWR | O_CREAT | O_EXCL, mode: mode)
            if clinux_clone(own.descriptor, whole.descriptor) == 0 {
                try own.syncData()
                return .shared(own, isLink: false)
            }
            try Disk.remove(target)
        }
        // The store's file cannot be executed, and its mode is not ours to change.
        if whole != nil, mayLink, !file.isExecutable, link(layout.blob(file.digest), target) == 0 {
            return .shared(try Disk.open(target, O_RDONLY | O_NOFOLLOW), isLink: true)
        }
        return .empty(try Disk.open(target, O_RDWR | O_CREAT | O_EXCL, mode: mode))
    }

    private func makeFolders(for path: FilePath, in folder: String, known: Set<String>) throws -> Set<String> {
        var made: Set<String> = []
        var place = folder
        for part in path.parts.dropLast() {
            place += "/\(part)"
            guard !known.contains(place), !made.contains(place) else { continue }
            try Disk.makeFolder(place)
            made.insert(place)
        }
        return made
    }

    private func require(_ found: Digest, of file: PinnedBlob) throws(HubError) {
        guard found == file.digest else {
            throw HubError(
                .digestMismatch, "\(file.path) is to be \(file.digest), and its bytes are those of \(found); run 'grayling verify --store'",
                details: ["path": file.path.text, "expected": file.digest.description, "found": found.description])
        }
    }
}
