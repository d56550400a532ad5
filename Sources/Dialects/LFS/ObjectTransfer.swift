import Core
import HTTPTypes
import Hub
import Hummingbird
import Wire

extension LFSCall {
    /// `PUT objects/{oid}`: stores the body under its name, or nothing of it (git-lfs API, "Basic Transfers").
    func receiveObject(_ object: GrantedObject) async throws -> Response {
        try hub.requireMaySend(to: repo, by: object.who)
        let body = BodyReader(request, context)
        let size = object.size ?? body.announced
        if let size, let announced = body.announced, announced != size {
            throw HubError(.sizeMismatch, "the object \(object.digest.hex) was announced with \(size) bytes, and \(announced) are being sent")
        }
        _ = try await hub.receive(
            try body.stream(limit: size ?? hub.limits.fileSize), expected: object.digest, size: size, by: object.who)
        return Response(status: .ok)
    }

    /// `GET objects/{oid}`: whole or in part, with a strong ETag to go on by.
    func sendObject(_ object: GrantedObject) throws -> Response {
        let readable = try hub.readableObjects([object.digest], of: repo, for: object.who)
        guard let size = readable.sizes[object.digest] else {
            throw HubError(.unknownBlob, "there is no object \(object.digest.hex) here that you can read")
        }
        let file = FileAnswer(
            size: size, etag: EntityTag.of(object.digest),
            headers: [("Content-Type", "application/octet-stream"), ("X-Content-Type-Options", "nosniff")])
        var failure: (any Error)?
        let answer = file.answer(head: request.method == .head, conditions: Conditions(request.headers)) {
            do {
                return try hub.open(object.digest)
            } catch {
                failure = error
                return nil
            }
        }
        guard let answer else { throw failure ?? HubError(.unknownBlob, "there is no object \(object.digest.hex) here") }
        if request.method == .get, answer.status == 200 { hub.countDownload(of: readable.repo) }
        return answer.response(context)
    }

    /// `POST objects/{oid}/verify`: whether the object arrived (git-lfs API, "Verification").
    func verifyObject(_ object: GrantedObject) async throws -> Response {
        let asked: BatchRequest.Object = try await json()
        guard asked.oid == object.digest.hex else {
            throw HubError(.invalidRequest, "the body asks for '\(FilePath.printable(asked.oid.prefix(80)))', the address for \(object.digest.hex)")
        }
        guard let size = try hub.readableObjects([object.digest], of: repo, for: object.who).sizes[object.digest] else {
            throw HubError(.unknownBlob, "the object \(object.digest.hex) has not arrived; send it again")
        }
        guard size == asked.size else {
            throw HubError(.sizeMismatch, "the object \(object.digest.hex) has \(size) bytes, not \(asked.size); announce its true size")
        }
        return Response(status: .ok)
    }
}
