import Core
import NIOCore

/// The statuses with which the gateway itself answers.
enum OwnStatus: Int {
    case ok = 200
    case badRequest = 400, unauthorized = 401, notFound = 404, methodNotAllowed = 405, requestTimeout = 408, expectationFailed = 417
    case tooManyRequests = 429, headTooLarge = 431
    case notImplemented = 501, badGateway = 502, serviceUnavailable = 503, gatewayTimeout = 504, versionNotSupported = 505

    var phrase: StaticString {
        switch self {
        case .ok: "200 OK"
        case .badRequest: "400 Bad Request"
        case .unauthorized: "401 Unauthorized"
        case .notFound: "404 Not Found"
        case .methodNotAllowed: "405 Method Not Allowed"
        case .requestTimeout: "408 Request Timeout"
        case .expectationFailed: "417 Expectation Failed"
        case .tooManyRequests: "429 Too Many Requests"
        case .headTooLarge: "431 Request Header Fields Too Large"
        case .notImplemented: "501 Not Implemented"
        case .badGateway: "502 Bad Gateway"
        case .serviceUnavailable: "503 Service Unavailable"
        case .gatewayTimeout: "504 Gateway Timeout"
        case .versionNotSupported: "505 HTTP Version Not Supported"
        }
    }
}

extension Exchange {
    /// Ends the request with an error of the gateway's own: in OpenAI's shape where its clients
    /// read it, else as problem details (RFC 9457).
    func refuse(
        _ status: OwnStatus, _ code: String, _ message: String, retryAfter: Int? = nil, allow: StaticString? = nil, challenge: Bool = false
    ) {
        let isOpenAI = target == .openAI || target == .models || route?.route.wire == .openai
        let body: String
        if isOpenAI {
            let type = status.rawValue == 429 ? "rate_limit_error" : status.rawValue < 500 ? "invalid_request_error" : "server_error"
            body = "{\"error\":{\"message\":\(JSONText.quoted(message)),\"type\":\"\(type)\",\"param\":null,\"code\":\"\(code)\"}}"
        } else {
            let title = "\(status.phrase)".dropFirst(4)
            body =
                "{\"type\":\"about:blank\",\"title\":\"\(title)\",\"status\":\(status.rawValue),\"code\":\"\(code)\","
                + "\"detail\":\(JSONText.quoted(message))}"
        }
        var extra = ""
        if let retryAfter { extra += "Retry-After: \(retryAfter)\r\n" }
        if let allow { extra += "Allow: \(allow)\r\n" }
        if challenge { extra += "WWW-Authenticate: Bearer\r\n" }
        answer(status, isOpenAI ? "application/json" : "application/problem+json", Array(body.utf8), extra)
    }

    /// The framing of the request cannot be trusted: it is refused, and the connection ends.
    func fail(_ fault: HeadFault) {
        closesAfter = true
        let status: OwnStatus =
            switch fault.status {
            case 431: .headTooLarge
            case 505: .versionNotSupported
            default: .badRequest
            }
        refuse(status, "malformed-request", "The request is not well-formed HTTP/1.1: \(fault.reason).")
    }

    /// An answer of the gateway's own, in one write.
    func answer(_ status: OwnStatus, _ type: StaticString, _ body: [UInt8], _ extra: String = "") {
        // Half of another answer is out already: nothing can be added to it.
        guard phase != .answering else { return leaveClient() }
        if phase == .waiting { _ = serving?.backend.cancel(ticket: ticket) }
        upstream?.close()
        upstream = nil
        self.status = status.rawValue
        skipRestOfBody()
        if !isBodyDone { closesAfter = true }
        phase = .answering
        let isHead = head.verb == .head
        let answerFields = assigned?.answerFields ?? []
        let size = body.count + extra.utf8.count + answerFields.count + headBytes.readableBytes + 512
        lane.answerScratch.clear(minimumCapacity: size)
        lane.answerScratch.writeWithUnsafeMutableBytes(minimumWritableBytes: size) { memory in
            var pen = Pen(memory)
            pen.put("HTTP/1.1 ")
            pen.put(status.phrase)
            pen.put("\r\nContent-Type: ")
            pen.put(type)
            pen.put("\r\nContent-Length: ")
            pen.put(decimal: body.count)
            pen.put("\r\n")
            pen.put(Array(extra.utf8))
            pen.put(answerFields)
            pen.put("X-Request-Id: ")
            withHead { writeID(&pen, $0) }
            pen.put(closesAfter ? "\r\nConnection: close\r\n\r\n" : head.isOldVersion ? "\r\nConnection: keep-alive\r\n\r\n" : "\r\n\r\n")
            if !isHead { pen.put(body) }
            return pen.written
        }
        client.writeAndFlush(lane.answerScratch)
        lane.trimScratch()
        guard phase == .answering else { return }
        bytesOut = body.count
        finish()
    }

    /// A body that is here already need not end the connection.
    private func skipRestOfBody() {
        guard !isBodyDone, !closesAfter, case .length = head.framing, bodyLeft <= client.inbound.readableBytes else { return }
        client.inbound.moveReaderIndex(forwardBy: bodyLeft)
        bodyLeft = 0
        isBodyDone = true
    }
}
