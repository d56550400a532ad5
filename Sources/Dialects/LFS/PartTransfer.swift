import Core
import HTTPTypes
import Hub
import Hummingbird
import Wire

/// Sending in parts, as Hugging Face clients do: a PUT for each part, whose ETags come back in one POST.
extension LFSCall {
    private struct Completion: Decodable {
        struct Part: Decodable {
            let partNumber: Int
            let etag: String
        }
        let oid: String
        let parts: [Part]
    }

    /// `PUT objects/{oid}/parts/{number}`, numbered from 1. A part that is sent again counts as sent last.
    func receivePart(_ number: String?, of object: GrantedObject) async throws -> Response {
        let upload = try await begun(object)
        guard let number = number.flatMap({ Int($0) }), number >= 1, number <= upload.partCount,
            let range = PartPlan(size: upload.size, partSize: upload.partSize).range(number - 1)
        else { throw HubError(.invalidRequest, "this upload has the parts 1 to \(upload.partCount)") }
        let body = BodyReader(request, context)
        if let announced = body.announced, announced != range.count {
            throw HubError(.sizeMismatch, "part \(number) has \(range.count) bytes, and \(announced) are being sent")
        }
        try await hub.receivePart(number - 1, of: upload.id, try body.stream(limit: range.count), by: object.who)
        return Response(status: .ok, headers: HTTPFields([HTTPField(name: .eTag, value: Self.etag(upload, number))]))
    }

    /// `POST objects/{oid}/complete`: puts the parts together, and is done again without harm.
    func completeParts(of object: GrantedObject) async throws -> Response {
        let asked: Completion = try await json()
        guard asked.oid == object.digest.hex else {
            throw HubError(.invalidRequest, "the body asks for '\(FilePath.printable(asked.oid.prefix(80)))', the address for \(object.digest.hex)")
        }
        try hub.requireMaySend(to: repo, by: object.who)
        if let size = object.size, try hub.readableObjects([object.digest], of: repo, for: object.who).sizes[object.digest] == size {
            return Response(status: .ok)
        }
        let upload = try await begun(object)
        guard asked.parts.count == upload.partCount else {
            throw HubError(
                .sizeMismatch, "the list has \(asked.parts.count) parts, and this upload has \(upload.partCount); send all and list each once")
        }
        for (i, part) in asked.parts.sorted(by: { $0.partNumber < $1.partNumber }).enumerated() {
            guard part.partNumber == i + 1 else { throw HubError(.invalidRequest, "part \(i + 1) is not in the list, or twice") }
            let expected = Self.etag(upload, i + 1)
            guard part.etag == expected || part.etag == expected.dropFirst().dropLast() else {
                throw HubError(.invalidRequest, "the etag of part \(i + 1) is not the one its PUT was answered with; send that part again")
            }
        }
        _ = try await hub.completeUpload(upload.id, by: object.who)
        return Response(status: .ok)
    }

    /// The one upload of this object by this user; begun with its first part.
    private func begun(_ object: GrantedObject) async throws -> UploadFacts {
        guard let size = object.size else {
            throw HubError(.unauthenticated, "this address says nothing of the object's size any more; ask for a new one with a batch request")
        }
        try hub.requireMaySend(to: repo, by: object.who)
        return try await hub.beginUpload(object.digest, size: size, by: object.who)
    }

    private static func etag(_ upload: UploadFacts, _ number: Int) -> String { "\"\(upload.id)-\(number)\"" }
}
