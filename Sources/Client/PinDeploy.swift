package import API
import Core
import Foundation
import Hashing

extension Session {
    /// Resolves every model of a manifest to a commit and its files. Warns through `progress`
    /// where a version was withdrawn.
    package func pin(_ manifest: DeployManifest, bytes: [UInt8], progress: ProgressMeter) async throws -> DeployLock {
        var models: [LockedModel] = []
        for model in manifest.models {
            let (info, lock) = try await files(of: model.repo, model.asked.revision)
            try Self.check(info, is: model)
            if let expected = model.digest, expected != lock.manifest {
                throw HubError(
                    .digestMismatch,
                    "\(model.repo) \(model.asked) is not what the manifest expects: digest \(expected) is written, the server has \(lock.manifest)")
            }
            if let reason = info.withdrawn {
                progress.warn(
                    "\(model.repo) \(model.asked) was withdrawn\(reason.isEmpty ? "" : " (\(FilePath.printable(reason)))"); pin another version soon")
            }
            models.append(
                try LockedModel(
                    alias: model.alias, repo: model.repo, asked: model.asked, commit: lock.commit, manifest: lock.manifest, files: lock.files))
        }
        return try DeployLock(name: manifest.name, manifest: Digest(of: bytes), models: models)
    }

    /// Tells the server to keep what the lock pins. The same lock again is the same registration.
    package func register(_ lock: DeployLock) async throws -> LockInfo {
        let answer = try await bytes(.registerLock, body: Data(lock.bytes))
        return try decode(answer, of: .registerLock)
    }

    /// `version: x` must find a version, not a branch that happens to be called x.
    private static func check(_ info: RevisionInfo, is model: DeployModel) throws(HubError) {
        let found: Bool
        switch model.asked {
        case .version(let name): found = info.versions.contains(name.text)
        case .alias(let name): found = info.aliases.contains(name.text)
        case .branch(let name): found = info.branches.contains(name.text)
        case .revision(let id): found = info.commit == id.hex
        }
        guard found else {
            throw HubError(
                .unknownRevision,
                "\(model.repo) has no \(model.asked): that name is something else there; see 'grayling show \(model.repo)' and write version, alias, branch or revision as it fits"
            )
        }
    }
}
