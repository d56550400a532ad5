import Hub
import Hummingbird
import Wire

/// Finds out who is asking. No token means nobody in particular; a wrong one is refused, because
/// whoever sent it meant to be somebody.
struct Authentication: RouterMiddleware {
    typealias Context = WireContext
    let hub: Hub

    func handle(
        _ request: Request, context: WireContext, next: (Request, WireContext) async throws -> Response
    ) async throws -> Response {
        if let secret = Credentials.token(from: request.headers) { context.principal = try hub.principal(secret: secret).principal }
        return try await next(request, context)
    }
}
