package import Core
import Foundation

extension DeployLock {
    /// Reads and checks a lock. Only the canonical bytes are accepted: a lock that was edited or
    /// reformatted is another lock, and nobody resolved it.
    package static func parse(_ bytes: [UInt8]) throws(HubError) -> DeployLock {
        let read: LockBody
        do {
            read = try JSON.decode(from: Data(bytes))
        } catch {
            throw HubError(.invalidRequest, "this is not a deploy lock: expected the JSON that 'grayling pin' writes (\(Self.reason(error)))")
        }
        guard read.format == format else {
            throw HubError(
                .invalidRequest,
                "this lock says it is '\(FilePath.printable(read.format))': expected '\(format)'; a newer grayling may have written it")
        }
        var models: [LockedModel] = []
        for model in read.models { models.append(try model.value()) }
        let lock = try DeployLock(name: read.name, manifest: try Digest(parsing: read.manifest), models: models)
        guard lock.bytes == bytes else {
            throw HubError(.invalidRequest, "this lock was edited or reformatted after 'grayling pin' wrote it; write it anew with 'grayling pin'")
        }
        return lock
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, _): "'\(key.stringValue)' is missing"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            "'\(context.codingPath.map(\.stringValue).joined(separator: "."))' has the wrong type"
        default: "it is not valid JSON"
        }
    }
}

private struct LockBody: Decodable {
    let format: String
    let name: String
    let manifest: String
    let models: [ModelBody]
}

private struct ModelBody: Decodable {
    let alias: String
    let kind: String
    let repo: String
    let asked: String
    let commit: String
    let manifest: String
    let files: [LockedFileBody]

    enum CodingKeys: String, CodingKey {
        case alias = "as"
        case kind, repo, asked, commit, manifest, files
    }

    func value() throws(HubError) -> LockedModel {
        guard let kind = RepoKind(rawValue: kind) else {
            throw HubError(.invalidRequest, "the lock has a model of kind '\(FilePath.printable(kind))': expected model or dataset")
        }
        var entries: [LockedFile] = []
        for file in files { entries.append(try file.value()) }
        return try LockedModel(
            alias: alias, repo: RepoName(kind, parsing: repo), asked: DeployPin(parsing: asked), commit: GitID(parsing: commit),
            manifest: Digest(parsing: manifest), files: entries)
    }
}

/// A file as locks spell it.
package struct LockedFileBody: Decodable, Sendable {
    let path: String
    let size: Int64
    let digest: String
    let executable: Bool

    package func value() throws(HubError) -> LockedFile {
        guard size >= 0 else { throw HubError(.invalidRequest, "the lock gives '\(FilePath.printable(path))' a negative size") }
        return LockedFile(path: try FilePath(parsing: path), size: size, digest: try Digest(parsing: digest), isExecutable: executable)
    }
}
