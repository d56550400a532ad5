import Core
import Hub
import Hummingbird
import Wire

extension LFSCall {
    /// More objects in one request are refused.
    private static let mostObjects = 1000

    /// `POST objects/batch`: says how each object is sent or fetched.
    func batch() async throws -> Response {
        let asked: BatchRequest = try await json()
        if let algorithm = asked.hashAlgorithm, !["sha256", "sha_256"].contains(algorithm.lowercased()) {
            throw LFSRefusal.unknownHash(algorithm)
        }
        guard asked.objects.count <= Self.mostObjects else {
            throw HubError(.tooLarge, "a batch has at most \(Self.mostObjects) objects, not \(asked.objects.count); ask in several")
        }
        let objects = asked.objects.map { object in
            Result { () throws(HubError) in try BatchObject(object, limit: hub.limits.fileSize) }
        }
        let answer: BatchAnswer =
            switch asked.operation {
            case "upload": try await upload(asked, objects)
            case "download": try await download(asked, objects)
            default:
                throw HubError(.invalidRequest, "operation is '\(FilePath.printable(asked.operation.prefix(40)))': expected upload or download")
            }
        return try .lfs(answer)
    }
}

/// An object of a batch, as far as it can be one.
struct BatchObject: Hashable, Sendable {
    let digest: Digest
    let size: Int64

    init(_ asked: BatchRequest.Object, limit: Int64) throws(HubError) {
        guard !asked.oid.hasPrefix("sha256:") else {
            throw HubError(
                .invalidDigest, "'\(FilePath.printable(asked.oid.prefix(80)))' is not an oid: expected 64 lowercase hexadecimal digits alone")
        }
        digest = try Digest(parsing: asked.oid)
        guard asked.size >= 0 else { throw HubError(.invalidRequest, "a size is 0 or more, not \(asked.size)") }
        guard asked.size <= limit else { throw HubError(.tooLarge, "a file has at most \(limit) bytes here, not \(asked.size); split it") }
        size = asked.size
    }

    /// That the object is here, with another size.
    func wrongSize(_ known: Int64) -> HubError {
        HubError(.sizeMismatch, "the object \(digest.hex) has \(known) bytes, not \(size); announce its true size")
    }
}

extension BatchAnswer.Object {
    /// git-lfs knows a few codes for single objects, and 422 for whatever is wrong with one.
    init(_ asked: BatchRequest.Object, refused error: HubError) {
        let status = error.code.lfsStatus
        self.init(
            oid: asked.oid, size: asked.size, error: BatchAnswer.Failure(code: [404, 410].contains(status) ? status : 422, message: error.message))
    }
}
