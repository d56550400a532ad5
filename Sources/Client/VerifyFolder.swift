import API
package import Core
import Glibc

/// What a pulled folder is worth: its files against the lock beside them.
package struct FolderReport: Codable, Sendable {
    package struct Change: Codable, Sendable {
        package let path: String
        package let expected: String
        package let found: String
    }
    package let repo: String
    package let kind: String
    package let commit: String
    package let manifest: String
    package let files: Int
    package let bytes: Int64
    package let missing: [String]
    package let changed: [Change]
    /// Files that the lock does not name: a warning, not damage.
    package let extra: [String]
    /// Whether every file of the lock is there with the right bytes.
    package let isIntact: Bool
}

package enum VerifyFolder {
    /// Reads every file again. Needs no server.
    package static func check(_ location: String, progress: ProgressMeter) async throws -> FolderReport {
        let folder = try Destination(existing: location)
        let lock = try readLock(folder)
        progress.begin(.checking, total: lock.files.reduce(0) { $0 + $1.size })
        let crew = HashFiles.crew(for: lock.files.count)
        let found = try await HashFiles.map(lock.files) { file in
            try await crew.run { _ in
                try folder.openFile(file.path).map { try HashFiles.digest(of: $0, progress: progress) }
            }
        }
        let named = Set(lock.files.map(\.path.text))
        let extra = try await crew.run { _ in try everything(in: location).filter { !named.contains($0) }.sorted() }
        let pairs = zip(lock.files, found)
        let missing = pairs.filter { $0.1 == nil }.map(\.0.path.text)
        let changed = pairs.compactMap { file, digest in
            digest.flatMap {
                $0 == file.digest ? nil : FolderReport.Change(path: file.path.text, expected: file.digest.description, found: $0.description)
            }
        }
        return FolderReport(
            repo: lock.repo.path, kind: lock.repo.kind.rawValue, commit: lock.commit.hex, manifest: lock.manifest.description,
            files: lock.files.count, bytes: lock.files.reduce(0) { $0 + $1.size }, missing: missing, changed: changed, extra: extra,
            isIntact: missing.isEmpty && changed.isEmpty)
    }

    package static func readLock(_ folder: Destination) throws(HubError) -> FolderLock {
        let path = try FilePath(parsing: "\(FolderLock.stateFolder)/\(FolderLock.fileName)")
        guard let file = try folder.openFile(path) else {
            throw HubError(
                .unknownFile,
                "'\(FilePath.printable(folder.location))' has no \(path): only a folder made by 'grayling pull' can be verified without a server")
        }
        return try FolderLock.parse(try file.readAll(limit: 256 << 20))
    }

    /// Paths of all that is no folder, links and odd things included, without our own state.
    private static func everything(in top: String) throws(HubError) -> [String] {
        var found: [String] = []
        var folders = [""]
        while let prefix = folders.popLast() {
            for name in try WalkFolder.names(in: prefix.isEmpty ? top : "\(top)/\(prefix)") {
                guard !(prefix.isEmpty && name == FolderLock.stateFolder) else { continue }
                let path = prefix.isEmpty ? name : "\(prefix)/\(name)"
                var facts = stat()
                guard lstat("\(top)/\(path)", &facts) == 0 else { throw SystemFailure.last("cannot read", "\(top)/\(path)") }
                if facts.st_mode & S_IFMT == S_IFDIR { folders.append(path) } else { found.append(path) }
            }
        }
        return found
    }
}
