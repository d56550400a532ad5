package import API
package import Core
import Foundation
import Hashing

/// What a pulled folder holds, kept beside the files as `.grayling/lock.json`, so that the
/// folder can be checked without a server.
package struct FolderLock: Hashable, Sendable {
    package static let format = "grayling folder 1"
    /// Our own folder inside a pulled one.
    package static let stateFolder = ".grayling"
    package static let fileName = "lock.json"

    package let repo: RepoName
    package let commit: GitID
    /// Digest of the canonical manifest.
    package let manifest: Digest
    /// In byte order of their paths.
    package let files: [LockedFile]

    /// Throws where the manifest's digest is not that of these files, so that a list from a
    /// server or a disk is as good as the one digest a person compared.
    package init(repo: RepoName, commit: GitID, manifest: Digest, files: [LockedFile]) throws(HubError) {
        try FilePath.checkTogether(files.map(\.path))
        self.repo = repo
        self.commit = commit
        self.manifest = manifest
        self.files = files.sorted { $0.path < $1.path }
        let found = Self.manifestDigest(of: files)
        guard found == manifest else {
            throw HubError(
                .digestMismatch,
                "the list of files of \(repo)@\(commit.hex.prefix(12)) does not match its manifest: expected \(manifest), found \(found)")
        }
    }

    /// The digest of the canonical manifest that holds exactly these files.
    package static func manifestDigest(of files: [LockedFile]) -> Digest {
        let hasher = StreamHasher()
        // A manifest's lines do not depend on what git calls a file.
        let noID = GitID(bytes: [UInt8](repeating: 0, count: 20))
        Manifest(
            files: files.map {
                FileEntry(path: $0.path, size: $0.size, digest: $0.digest, isExecutable: $0.isExecutable, storage: .regular, gitID: noID)
            }
        ).forEachLine { hasher.update($0) }
        return Digest(bytes: hasher.finish())
    }

    package var bytes: [UInt8] {
        CanonicalJSON.object([
            "format": .text(Self.format),
            "kind": .text(repo.kind.rawValue),
            "repo": .text(repo.path),
            "commit": .text(commit.hex),
            "manifest": .text(manifest.description),
            "files": .list(files.map(\.json))
        ]).bytes
    }

    package static func parse(_ bytes: [UInt8]) throws(HubError) -> FolderLock {
        let body: Body
        do { body = try JSON.decode(from: Data(bytes)) } catch {
            throw HubError(.invalidRequest, "\(stateFolder)/\(fileName) cannot be read as JSON; pull the folder again to write it anew")
        }
        guard body.format == format, let kind = RepoKind(rawValue: body.kind) else {
            throw HubError(.invalidRequest, "\(stateFolder)/\(fileName) is not of the format '\(format)'; a newer grayling may have written it")
        }
        var files: [LockedFile] = []
        for file in body.files { files.append(try file.value()) }
        return try FolderLock(
            repo: RepoName(kind, parsing: body.repo), commit: GitID(parsing: body.commit), manifest: Digest(parsing: body.manifest), files: files)
    }

    private struct Body: Decodable {
        let format: String
        let kind: String
        let repo: String
        let commit: String
        let manifest: String
        let files: [LockedFileBody]
    }
}

extension DeployLock {
    /// The SHA-256 of the canonical bytes: what the server registers.
    package var digest: Digest { Digest(of: bytes) }
}
