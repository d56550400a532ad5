package import Core
import HTTPTypes
package import Hummingbird

/// One wire protocol among those that share the host. It knows which addresses are its own, and
/// how its clients want to be refused.
package protocol Dialect: Sendable {
    /// What its requests are counted as, such as `huggingface`.
    var name: String { get }
    /// Whether `Authorization` carries a token of the hub. False where it carries something of the
    /// dialect's own, which the dialect then judges itself.
    func readsTokens(_ path: Substring) -> Bool
    /// Whether an address is this dialect's: the path as it came, percent-encoded, without a query.
    /// Called on event loops.
    func claims(_ path: Substring) -> Bool
    func answer(_ request: Request, _ context: WireContext) async throws -> Response
    /// A refusal in the words of this dialect.
    func refusal(_ error: HubError, _ request: Request, _ context: WireContext) -> Response
}

extension Dialect {
    package func readsTokens(_ path: Substring) -> Bool { true }
}

/// The dialects of a server, asked in order: the first that claims an address has it.
package struct Dialects: Sendable {
    private let all: [any Dialect]
    package init(_ all: [any Dialect]) { self.all = all }

    package var names: [String] { all.map(\.name) }

    package func speaker(for path: some StringProtocol) -> (any Dialect)? {
        let path = Substring(path.prefix { $0 != "?" })
        return all.first { $0.claims(path) }
    }

    /// What stands before every route: ids and the access log, refusals in the right words, and who
    /// is asking. `otherwise` refuses what no dialect claims.
    package func receive(
        on router: Router<WireContext>, principal: @escaping @Sendable (_ secret: String) throws -> Principal,
        otherwise: @escaping @Sendable (HubError, _ requestID: String) -> Response
    ) {
        router.add(middleware: Reception())
        router.add(
            middleware: ErrorHook(choosing: { error, request, context in
                speaker(for: request.uri.path)?.refusal(error, request, context) ?? otherwise(error, context.requestID)
            }))
        router.add(middleware: TokenDoor(self, principal: principal))
    }

    /// Sends every address that no route of the server's own takes to its dialect.
    package func mount(on router: Router<WireContext>) {
        for method in [HTTPRequest.Method.get, .head, .post, .put, .patch, .delete] {
            router.on("/**", method: method) { request, context in
                guard let dialect = speaker(for: request.uri.path) else {
                    throw HubError(.unknownEndpoint, "nothing is served for \(method) \(AccessLine.path(request.uri.path)); check the address")
                }
                return try await dialect.answer(request, context)
            }
        }
    }
}
