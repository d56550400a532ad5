package import API
package import Core
package import Foundation

/// A conversation with one server, as one user. Any number of tasks may use it at once.
package final class Session: Sendable {
    package let server: ServerAddress
    let transport: Transport
    private let token: String?

    /// `lanes` is how many transfers run side by side.
    package convenience init(server: ServerAddress, token: String?, lanes: Int = 4) throws(HubError) {
        try self.init(server: server, token: token, lanes: lanes, retry: Retry())
    }

    init(server: ServerAddress, token: String?, lanes: Int = 4, retry: Retry) throws(HubError) {
        if let token, token.isEmpty || !token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) {
            throw HubError(.unauthenticated, "the token has characters that no token has; copy it again, without spaces or line ends")
        }
        self.server = server
        self.token = token
        transport = Transport(server: server, lanes: lanes, retry: retry)
    }

    /// Calls an endpoint and returns the bytes it answers with. `path` holds the values of the
    /// pattern's parameters in order, `patience` the seconds the server may be silent. Every
    /// refusal is thrown as the server's `HubError`.
    package func bytes(
        _ endpoint: Endpoint, _ path: [String] = [], query: [(String, String)] = [], body: Data? = nil, headers: [(String, String)] = [],
        patience: Int = 60
    ) async throws -> [UInt8] {
        var request = request(endpoint, path, query: query, headers: headers)
        request.stallSeconds = patience
        if let body {
            request.body = [.bytes([UInt8](body))]
            request.headers.append(("Content-Type", "application/json"))
        }
        return try await answer(request).body
    }

    /// Calls an endpoint and decodes its answer.
    package func call<Reply: Decodable>(
        _ endpoint: Endpoint, _ path: [String] = [], query: [(String, String)] = [], body: (any Encodable)? = nil,
        headers: [(String, String)] = [], patience: Int = 60, as type: Reply.Type = Reply.self
    ) async throws -> Reply {
        let data = try body.map { try JSON.encode($0) }
        return try decode(try await bytes(endpoint, path, query: query, body: data, headers: headers, patience: patience), of: endpoint)
    }

    /// Every item of an endpoint that answers in pages, in order.
    package func all<Item: Codable & Sendable>(
        _ endpoint: Endpoint, _ path: [String] = [], query: [(String, String)] = [], limit: Int? = nil, as type: Item.Type = Item.self
    ) async throws -> [Item] {
        var items: [Item] = []
        var cursor: String?
        repeat {
            var query = query
            query.append(("limit", String(min(limit.map { $0 - items.count } ?? 1000, 1000))))
            if let cursor { query.append(("cursor", cursor)) }
            let page: Page<Item> = try await call(endpoint, path, query: query)
            items += page.items
            guard page.next != cursor || page.next == nil else {
                throw HubError(.internalError, "\(server) answered with the same page twice; update the server")
            }
            cursor = page.next
        } while cursor != nil && items.count < limit ?? .max
        return limit.map { Array(items.prefix($0)) } ?? items
    }

    func decode<Reply: Decodable>(_ bytes: [UInt8], of endpoint: Endpoint) throws -> Reply {
        do {
            return try JSON.decode(from: Data(bytes))
        } catch {
            throw HubError(
                .internalError,
                "\(server) answered \(endpoint.method) \(endpoint.pattern) with something else than was expected; is it a Grayling server of this version? (\(error))"
            )
        }
    }

    func request(_ endpoint: Endpoint, _ path: [String], query: [(String, String)] = [], headers: [(String, String)] = []) -> Request {
        var request = Request(
            method: endpoint.method, url: server.text + endpoint.path(filling: path, query: query), isRepeatable: endpoint.isRepeatable)
        request.headers = headers.map { (name: $0.0, value: $0.1) }
        if let token { request.headers.append(("Authorization", "Bearer \(token)")) }
        return request
    }

    /// The answer to `request` if it is a success; else throws what the server said.
    @discardableResult
    func answer(
        _ request: Request, into sink: (any BodySink)? = nil, prepare: @Sendable (inout Request) throws -> Void = { _ in }
    ) async throws -> Response {
        let response = try await transport.send(request, into: sink, prepare: prepare)
        guard response.head.isSuccess else { throw HubError(answer: response, from: server) }
        return response
    }
}

extension Endpoint {
    /// `path` with its values in an array.
    func path(filling values: [String], query: [(String, String)]) -> String {
        switch values.count {
        case 0: path(query: query)
        case 1: path(values[0], query: query)
        case 2: path(values[0], values[1], query: query)
        case 3: path(values[0], values[1], values[2], query: query)
        case 4: path(values[0], values[1], values[2], values[3], query: query)
        default: path(values[0], values[1], values[2], values[3], values[4], query: query)
        }
    }

    /// Whether a second call after a lost answer leads to the same state and the same answer.
    var isRepeatable: Bool {
        if ["GET", "HEAD"].contains(method) { return true }
        return Self.repeatable.contains(self)
    }

    private static let repeatable: Set<Endpoint> = [
        .planPublish, .publish, .putBlob, .putBlobs, .beginUpload, .putPart, .setMember, .setOwnerMember, .registerLock, .backup, .makePlan,
        // With an Idempotency-Key, which the client always sends.
        .createRelease, .rollbackEndpoint, .retryRelease, .setGrant, .changeTenant
    ]
}

extension RepoName {
    /// The values of `{kind}/{owner}/{name}` in a path.
    package var pathValues: [String] { [kind.plural, owner.text, name] }
}
