import Core
import Foundation
import HTTPTypes
import Hub
import Hummingbird
import NIOCore
import NIOFoundationCompat
import Wire

/// One request on its way to one use-case.
struct LFSCall: Sendable {
    let routes: LFSRoutes
    let request: Request
    let context: WireContext
    let address: LFSAddress
    let repo: RepoName

    var hub: Hub { routes.hub }
    /// Who sent the token; nobody in particular where the address itself is the permission.
    var who: Principal { context.principal }

    /// The longest JSON that is read: a thousand objects with room to spare.
    private static let longest = 1 << 20

    func json<Body: Decodable>(_ type: Body.Type = Body.self) async throws -> Body {
        try requireAccepted()
        let bytes = try await BodyReader(request, context).collect(limit: Self.longest)
        return try JSONDecoder().decode(type, from: Data(buffer: bytes))
    }

    /// The absolute address of something below this repo's `/info/lfs`, as the client reached it.
    func href(_ path: String, grant: String) -> String {
        "\(RequestOrigin(request).url)\(address.base)/info/lfs/\(path)?\(TransferGrant.parameter)=\(grant)"
    }

    /// Any JSON will do: clients write the media type of git-lfs in several ways.
    private func requireAccepted() throws(HubError) {
        guard let accept = request.headers[.accept]?.lowercased(), !accept.isEmpty else { return }
        guard accept.contains("json") || accept.contains("*/*") || accept.contains("application/*") else {
            throw LFSRefusal.notAcceptable
        }
    }
}

extension Response {
    static let lfsType = "application/vnd.git-lfs+json"

    static func lfs(_ body: some Encodable, status: Int = 200) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        var headers = HTTPFields([HTTPField(name: .contentType, value: lfsType)])
        headers[.cacheControl] = "no-store"
        return Response(status: .init(code: status), headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(data: try encoder.encode(body))))
    }
}
