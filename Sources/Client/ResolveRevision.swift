package import API
package import Core

extension Session {
    /// One revision with all its files, checked: the paths can stand together, and the list has
    /// the digest that the revision's manifest has.
    package func files(of repo: RepoName, _ revision: RevisionSpec) async throws -> (info: RevisionInfo, lock: FolderLock) {
        let info: RevisionInfo = try await call(.showRevision, repo.pathValues + [revision.description])
        let commit = try GitID(parsing: info.commit)
        if case .commit(let asked) = revision, asked != commit {
            throw HubError(.unknownRevision, "\(server) answered with the revision \(commit) where \(asked) was asked for")
        }
        // By commit from here on: a branch may move between two pages.
        let found: [FileInfo] = try await all(.listFiles, repo.pathValues, query: [("revision", commit.hex)])
        var files: [LockedFile] = []
        for file in found {
            files.append(
                LockedFile(
                    path: try FilePath(parsing: file.path), size: file.size, digest: try Digest(parsing: file.digest), isExecutable: file.isExecutable
                ))
        }
        return (info, try FolderLock(repo: repo, commit: commit, manifest: try Digest(parsing: info.manifest), files: files))
    }

    /// What a lock pinned, checked against what the server has under that commit now.
    package func files(of model: LockedModel) async throws -> (info: RevisionInfo, lock: FolderLock) {
        let lock = try FolderLock(repo: model.repo, commit: model.commit, manifest: model.manifest, files: model.files)
        let info: RevisionInfo = try await call(.showRevision, model.repo.pathValues + [model.commit.hex])
        guard info.manifest == model.manifest.description else {
            throw HubError(
                .digestMismatch,
                "\(model.repo)@\(model.commit.hex.prefix(12)) is not what the lock pinned: expected the manifest \(model.manifest), the server has \(info.manifest)"
            )
        }
        return (info, lock)
    }
}
