import Core
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Wire

enum XetRefusal {
    private static let errorCode = HTTPField.Name("X-Error-Code")!
    private static let errorMessage = HTTPField.Name("X-Error-Message")!

    /// In the hub's own form: clients read headers first.
    static func ofHub(_ error: HubError, _ request: Request, _ context: WireContext) -> Response {
        let (status, code) = error.code.huggingFace(for: context.principal)
        var response = response(error, status, request)
        response.headers[errorCode] = code
        response.headers[errorMessage] = HeaderText.line(error.message)
        return response
    }

    /// - Parameter isForBytes: addresses that carry their own permission. A 403 makes clients ask for new
    ///   ones, so that is what an address gets that has ended, or whose bytes have gone.
    static func ofStore(_ error: HubError, _ request: Request, isForBytes: Bool) -> Response {
        var status = error.code.huggingFace.status
        if isForBytes, status == 401 || status == 404 { status = 403 }
        return response(error, status, request)
    }

    private static func response(_ error: HubError, _ status: Int, _ request: Request) -> Response {
        var headers = HTTPFields([HTTPField(name: .contentType, value: "application/json")])
        headers[.cacheControl] = "no-store"
        if status == 401 { headers[.wwwAuthenticate] = "Bearer realm=\"grayling\"" }
        if status == 503 { headers[.retryAfter] = "2" }
        if let allow = error.details["allow"] { headers[.allow] = allow }
        if status == 416, let size = error.details["size"] { headers[.contentRange] = "bytes */\(size)" }
        // A sentence always encodes; it stands by itself if it did not.
        let body = (try? JSONEncoder().encode(["error": error.message])) ?? Data(error.message.utf8)
        return Response(
            status: .init(code: status), headers: headers,
            body: request.method == .head ? .init() : ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }
}
