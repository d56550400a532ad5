package import Core
package import Hummingbird

/// Finds out who is asking. No token means nobody in particular; a wrong one is refused, because
/// whoever sent it meant to be somebody.
package struct TokenDoor: RouterMiddleware {
    package typealias Context = WireContext
    private let dialects: Dialects
    private let principal: @Sendable (String) throws -> Principal

    package init(_ dialects: Dialects, principal: @escaping @Sendable (_ secret: String) throws -> Principal) {
        self.dialects = dialects
        self.principal = principal
    }

    package func handle(
        _ request: Request, context: WireContext, next: (Request, WireContext) async throws -> Response
    ) async throws -> Response {
        let path = request.uri.path[...]
        if dialects.speaker(for: path)?.readsTokens(path) ?? true, let secret = Credentials.token(from: request.headers) {
            context.principal = try principal(secret)
        }
        return try await next(request, context)
    }
}
