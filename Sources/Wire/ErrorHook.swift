package import Core
package import Hummingbird
import HTTPTypes

/// Turns whatever goes wrong in a route into the words of the dialect it is mounted for. What
/// is not a `HubError` tells the client nothing of our insides; the log has it under the
/// request's id.
package struct ErrorHook: RouterMiddleware {
    package typealias Context = WireContext
    private let render: @Sendable (HubError, Request, WireContext) -> Response

    /// One shape for every request that passes here.
    package init(_ render: @escaping @Sendable (HubError, _ requestID: String) -> Response) {
        self.render = { error, _, context in render(error, context.requestID) }
    }

    /// A shape that depends on the request, as it must where several dialects share a prefix, and
    /// for addresses that nobody serves.
    package init(choosing render: @escaping @Sendable (HubError, Request, WireContext) -> Response) { self.render = render }

    package func handle(
        _ request: Request, context: WireContext, next: (Request, WireContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HubError {
            return render(error, request, context)
        } catch let error as DecodingError {
            return render(HubError(.invalidRequest, Self.sentence(error)), request, context)
        } catch let error as any HTTPResponseError {
            return refusal(error, request, context)
        } catch is CancellationError {
            return render(HubError(.unavailable, "the server is shutting down; try again in a moment"), request, context)
        } catch {
            return render(context.internalFailure(error, "\(request.method) \(AccessLine.path(request.uri.path))"), request, context)
        }
    }

    /// What the framework itself refuses keeps its status and headers.
    private func refusal(_ error: any HTTPResponseError, _ request: Request, _ context: WireContext) -> Response {
        if error.status == .notFound, context.endpointPath == "NotFound" {
            return render(
                HubError(.unknownEndpoint, "nothing is served for \(request.method) \(AccessLine.path(request.uri.path)); check the address"),
                request, context)
        }
        let known = error as? HTTPError
        let message = known?.body ?? "the request was refused: \(error.status.reasonPhrase.lowercased())"
        var response = render(HubError(Self.code(error.status.code), message), request, context)
        response.status = error.status
        if let headers = known?.headers { response.headers.append(contentsOf: headers) }
        return response
    }

    private static func code(_ status: Int) -> HubError.Code {
        switch status {
        case 401: .unauthenticated
        case 403: .notPermitted
        case 404: .unknownEndpoint
        case 405: .methodNotAllowed
        case 412: .preconditionFailed
        case 413: .tooLarge
        case 416: .rangeNotSatisfiable
        case 503: .unavailable
        case 500...: .internalError
        default: .invalidRequest
        }
    }

    /// Where in the document it went wrong, and what stood there instead.
    static func sentence(_ error: DecodingError) -> String {
        func place(_ path: [any CodingKey]) -> String {
            let text = path.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }.joined()
            return text.isEmpty
                ? "the request body" : "'\(FilePath.printable(text.hasPrefix(".") ? text.dropFirst() : text[...]))' in the request body"
        }
        switch error {
        case .keyNotFound(let key, let context): return "\(place(context.codingPath + [key])) is missing"
        case .valueNotFound(let type, let context): return "\(place(context.codingPath)) is null: expected \(type)"
        case .typeMismatch(let type, let context): return "\(place(context.codingPath)) has the wrong type: expected \(type)"
        case .dataCorrupted(let context):
            return context.codingPath.isEmpty
                ? "the request body is not valid JSON: \(context.debugDescription)" : "\(place(context.codingPath)): \(context.debugDescription)"
        @unknown default: return "the request body could not be read"
        }
    }
}
