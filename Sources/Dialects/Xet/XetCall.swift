import Core
import Foundation
import HTTPTypes
import Hub
import Hummingbird
import NIOCore
import NIOFoundationCompat
import Wire
import XetFormat

/// One request on its way to one use-case, with its parts parsed at the door.
struct XetCall: Sendable {
    let hub: Hub
    let request: Request
    let context: WireContext
    let values: [String: String]

    func value(_ name: String) throws(HubError) -> String {
        guard let value = values[name] else { throw HubError(.internalError, "this address has no part '\(name)'") }
        return value
    }

    func hash(_ name: String) throws(HubError) -> XetHash { try XetHash(parsing: value(name)) }

    /// The specification has `default` for xorbs and `default-merkledb` for chunks; clients send either.
    func checkPrefix() throws(HubError) {
        guard try ["default", "default-merkledb"].contains(value("prefix")) else {
            throw HubError(.unknownEndpoint, "there is no store '\(FilePath.printable(try value("prefix")))' here; expected 'default'")
        }
    }

    /// Whoever the token of the chunk store was made for, in a store that is this one.
    func holder(_ scope: XetScope) async throws -> Principal {
        guard try hub.isXetStore(value("store")) else {
            throw HubError(.unknownEndpoint, "this store is not here (any more): ask the hub for a new token, and with it for the address")
        }
        let who = try await hub.xetHolder(Credentials.token(from: request.headers), as: scope)
        context.principal = who
        return who
    }

    /// What stands before `/v1` in the addresses of this store.
    var storeAddress: String {
        get throws(HubError) { "\(RequestOrigin(request).url)/xet/\(try value("store"))" }
    }
}

extension Response {
    static func json(_ body: some Encodable, status: Int = 200) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        var headers = HTTPFields([HTTPField(name: .contentType, value: "application/json")])
        headers[.cacheControl] = "no-store"
        return Response(
            status: .init(code: status), headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(data: try encoder.encode(body))))
    }

    /// To a HEAD: the length that a GET would have, and nothing else.
    static func length(_ count: Int64) -> Response {
        var response = Response(status: .ok)
        // Set afterwards: the framework would put the length of the body that it sees over it.
        response.headers[.contentLength] = "\(count)"
        return response
    }
}
