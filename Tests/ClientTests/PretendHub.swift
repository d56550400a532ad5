import API
import Client
import Core
import Foundation
import Hashing
import Synchronization

/// Enough of a Grayling server for one repo: it keeps blobs and parts, plans, publishes and
/// serves files with ranges. `meddle` may answer in its place.
final class PretendHub: Sendable {
    struct State: Sendable {
        var blobs: [String: [UInt8]] = [:]
        var parts: [Int: [UInt8]] = [:]
        var published: [PublishRequest] = []
        var keys: [String] = []
    }
    typealias Meddle = @Sendable (ScriptedServer.Asked, Int) -> ScriptedServer.Answer?

    let state = Mutex(State())
    private let info: ServerInfo
    private let meddle: Meddle
    static let commit = String(repeating: "c", count: 40)
    static let uploadID = String(repeating: "a", count: 32)

    init(resumableFrom: Int64 = 64 << 20, partSize: Int64 = 1 << 20, meddle: @escaping Meddle = { _, _ in nil }) {
        info = ServerInfo(name: "grayling", version: "0", resumableFrom: resumableFrom, partSize: partSize, lfsThreshold: 10 << 20)
        self.meddle = meddle
    }

    func start() throws -> ScriptedServer { try ScriptedServer { self.meddle($0, $1) ?? self.answer($0) } }

    /// Makes the repo hold these files, without a publication.
    func hold(_ files: [(path: String, bytes: [UInt8])]) {
        state.withLock { state in
            for file in files { state.blobs[Digest(of: file.bytes).description] = file.bytes }
            state.published = [
                PublishRequest(files: files.map { PublishFile(path: $0.path, size: Int64($0.bytes.count), digest: Digest(of: $0.bytes).description) })
            ]
        }
    }

    func answer(_ asked: ScriptedServer.Asked) -> ScriptedServer.Answer {
        do { return try answerOrThrow(asked) } catch { return .problem("invalid-request", "pretend hub: \(error)", status: 400) }
    }

    private func answerOrThrow(_ asked: ScriptedServer.Asked) throws -> ScriptedServer.Answer {
        let repo = "/hub/v1/models/acme/whale"
        let body = Data(asked.body)
        switch (asked.method, asked.path) {
        case ("GET", "/hub/v1"): return try json(info)
        case ("POST", "\(repo)/publish/plan"):
            let wanted = Set(try JSON.decode(PublishPlanRequest.self, from: body).files.map(\.digest))
            let missing = state.withLock { state in wanted.filter { state.blobs[$0] == nil } }
            return try json(PublishPlan(missing: missing.sorted(), present: wanted.count - missing.count))
        case ("POST", "/hub/v1/blobs"):
            state.withLock { state in
                var rest = asked.body[...]
                while let end = rest.firstIndex(of: 0x0A) {
                    let words = String(decoding: rest[..<end], as: UTF8.self).split(separator: " ")
                    let size = Int(words[1]) ?? 0
                    state.blobs["sha256:\(words[0])"] = Array(rest[(end + 1)...].prefix(size))
                    rest = rest[(end + 1)...].dropFirst(size)
                }
            }
            return try json(Page<BlobInfo>(items: []), status: 201)
        case ("POST", "/hub/v1/uploads"):
            let wish = try JSON.decode(NewUpload.self, from: body)
            let received = state.withLock { $0.parts.keys.sorted() }
            return try json(
                UploadInfo(id: Self.uploadID, digest: wish.digest, size: wish.size, partSize: info.partSize, received: received, expires: ""),
                status: 201)
        case ("POST", "/hub/v1/uploads/\(Self.uploadID)/complete"):
            let bytes = state.withLock { state in state.parts.sorted { $0.key < $1.key }.flatMap(\.value) }
            let digest = Digest(of: bytes).description
            state.withLock { $0.blobs[digest] = bytes }
            return try json(BlobInfo(digest: digest, size: Int64(bytes.count), wasNew: true), status: 201)
        case ("POST", "\(repo)/publish"):
            let request = try JSON.decode(PublishRequest.self, from: body)
            state.withLock {
                $0.published.append(request)
                $0.keys.append(asked.headers["idempotency-key"] ?? "")
            }
            return try json(Published(revision: try revision(), version: request.version, wasNew: true), status: 201)
        case ("GET", _) where asked.path.hasPrefix("\(repo)/revisions/"): return try json(try revision())
        case ("GET", "\(repo)/files"):
            return try json(
                Page(
                    items: try files().map {
                        FileInfo(
                            path: $0.path.text, size: $0.size, digest: $0.digest.description, gitID: "", storage: "regular",
                            isExecutable: $0.isExecutable)
                    }))
        case ("GET", _) where asked.path.hasPrefix("\(repo)/resolve/"): return serveFile(asked)
        case ("PUT", _) where asked.path.hasPrefix("/hub/v1/blobs/"):
            state.withLock { $0.blobs[Digest(of: asked.body).description] = asked.body }
            return try json(BlobInfo(digest: Digest(of: asked.body).description, size: Int64(asked.body.count), wasNew: true), status: 201)
        case ("PUT", _) where asked.path.hasPrefix("/hub/v1/uploads/"):
            let number = asked.path.split(separator: "/").last.flatMap { Int($0) } ?? -1
            state.withLock { $0.parts[number] = asked.body }
            return ScriptedServer.Answer(status: 204)
        default: return .problem("unknown-route", "\(asked.method) \(asked.path)", status: 404)
        }
    }

    private func files() throws -> [LockedFile] {
        try (state.withLock { $0.published.last }?.files ?? []).map {
            LockedFile(
                path: try FilePath(parsing: $0.path), size: $0.size, digest: try Digest(parsing: $0.digest), isExecutable: $0.isExecutable ?? false)
        }
    }

    private func revision() throws -> RevisionInfo {
        RevisionInfo(
            repo: "acme/whale", kind: "model", commit: Self.commit, tree: Self.commit,
            manifest: FolderLock.manifestDigest(of: try files()).description,
            parents: [], author: "a", message: "", created: "2026-05-03T09:30:00.000Z", files: 1, size: 1, branches: ["main"], versions: ["1.0"],
            aliases: [])
    }

    private func serveFile(_ asked: ScriptedServer.Asked) -> ScriptedServer.Answer {
        let path = asked.path.components(separatedBy: "/resolve/\(Self.commit)/").last?.removingPercentEncoding ?? ""
        let digest = state.withLock { $0.published.last }?.files.first { $0.path == path }?.digest
        guard let bytes = digest.flatMap({ digest in state.withLock { $0.blobs[digest] } }) else {
            return .problem("unknown-file", path, status: 404)
        }
        guard case .part(let range) = ByteRange.parse(asked.headers["range"], size: Int64(bytes.count)) else {
            return ScriptedServer.Answer(body: bytes)
        }
        return ScriptedServer.Answer(
            status: 206, headers: [("Content-Range", range.contentRange(of: Int64(bytes.count)))],
            body: Array(bytes[Int(range.lower)..<Int(range.upper)]))
    }

    private func json(_ value: some Encodable, status: Int = 200) throws -> ScriptedServer.Answer {
        ScriptedServer.Answer(status: status, headers: [("Content-Type", "application/json")], body: [UInt8](try JSON.encode(value)))
    }
}
