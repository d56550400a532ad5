import API
import Core
import Foundation
import HTTPTypes
import Hub
import Hummingbird
import NIOCore
import NIOFoundationCompat
import Wire

/// One request on its way to one use-case, with its parts parsed at the door.
struct Call: Sendable {
    let hub: Hub
    let facts: NativeFacts
    let serving: NativeServing
    let request: Request
    let context: WireContext
    let endpoint: Endpoint
    let values: [String: String]

    var who: Principal { context.principal }

    func value(_ name: String) throws(HubError) -> String {
        guard let value = values[name] else { throw HubError(.internalError, "\(endpoint.pattern) has no parameter \(name)") }
        return value
    }

    func query(_ name: String) -> String? { request.uri.queryParameters[name[...]].map(String.init) }

    var kind: RepoKind {
        get throws(HubError) { try value("kind") == "datasets" ? .dataset : .model }
    }
    var repo: RepoName {
        get throws(HubError) { try RepoName(kind, owner: value("owner"), name: value("name")) }
    }
    var ref: RefName {
        get throws(HubError) { try RefName(parsing: value("ref")) }
    }
    var digest: Digest {
        get throws(HubError) { try Digest(parsing: value("digest")) }
    }
    var uploadID: UploadID {
        get throws(HubError) { try UploadID(parsing: value("id")) }
    }
    /// The revision of the query, `main` where none is given.
    var revision: RevisionSpec {
        get throws(HubError) { try RevisionSpec(parsing: query("revision") ?? "") }
    }
    var paging: Paging {
        get throws(HubError) { try Paging(request) }
    }

    /// What `If-Match` asks: absent, `*`, or the one ETag last read.
    var ifMatch: GenerationCheck {
        get throws(HubError) {
            guard let header = request.headers[.ifMatch]?.trimmingCharacters(in: .whitespaces) else { return .none }
            if header == "*" { return .exists }
            // An ETag that is none of ours can match nothing.
            return .exactly(Int64(header.trimmingCharacters(in: CharacterSet(charactersIn: "\""))) ?? -1)
        }
    }

    func json<Body: Decodable>(_ type: Body.Type = Body.self) async throws -> Body {
        let bytes = try await BodyReader(request, context).collect(limit: hub.limits.requestBody)
        return try JSON.decode(type, from: Data(buffer: bytes))
    }

    /// For orders that need no body.
    func jsonOrNothing<Body: Decodable>(_ type: Body.Type = Body.self) async throws -> Body? {
        let bytes = try await BodyReader(request, context).collect(limit: hub.limits.requestBody)
        return bytes.readableBytes == 0 ? nil : try JSON.decode(type, from: Data(buffer: bytes))
    }
}

/// What the server tells of itself.
package struct NativeFacts: Sendable {
    package let version: String
    package init(version: String) { self.version = version }
    static let resumableFrom: Int64 = 64 << 20
    static let partSize: Int64 = 32 << 20
}

extension Response {
    static func json(_ body: some Encodable, status: Int = 200, etag: String? = nil) throws -> Response {
        let bytes = try JSON.encode(body)
        var headers = HTTPFields([HTTPField(name: .contentType, value: "application/json")])
        headers[.cacheControl] = "no-store"
        if let etag { headers[.eTag] = etag }
        return Response(status: .init(code: status), headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(data: bytes)))
    }

    static let noContent = Response(status: .noContent)

    static func text(_ bytes: ByteBuffer, type: String, etag: String? = nil) -> Response {
        var headers = HTTPFields([HTTPField(name: .contentType, value: type)])
        if let etag { headers[.eTag] = etag }
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: bytes))
    }
}
