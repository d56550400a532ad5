import Core
import HTTPTypes
import Hub
import Hummingbird
import Wire
import XetFormat

extension XetRoutes {
    static let downloadRoutes: [(method: String, pattern: String, value: Handler)] = [
        ("GET", inStore("/v1/reconstructions/{file}"), { call in try .json(PlanBody(version1: try await call.plan(), at: try call.storeAddress)) }),
        ("GET", inStore("/v2/reconstructions/{file}"), { call in try .json(PlanBody(version2: try await call.plan(), at: try call.storeAddress)) }),
        (
            "HEAD", inStore("/v1/files/{file}"),
            { call in
                let who = try await call.holder(.read)
                return .length(try call.hub.xetFile(try call.hash("file"), for: who).size)
            }
        ),
        ("GET", inStore("/v1/bytes"), { call in try await call.bytes() })
    ]
}

extension XetCall {
    fileprivate func plan() async throws -> XetPlan {
        let who = try await holder(.read)
        let file = try hub.xetFile(try hash("file"), for: who)
        switch ByteRange.parse(request.headers[.range], size: file.size) {
        case .whole: return try await hub.plan(file, nil)
        case .part(let range): return try await hub.plan(file, range)
        case .unsatisfiable:
            throw HubError(
                .rangeNotSatisfiable, "the range begins behind the end of the file, which has \(file.size) bytes", details: ["size": "\(file.size)"])
        }
    }

    /// Bytes of a xorb, by what the address itself allows.
    fileprivate func bytes() async throws -> Response {
        let xorb = try await hub.openXorbRange(request.uri.queryParameters["grant"].map(String.init) ?? "")
        switch ByteRange.parse(request.headers[.range], size: xorb.size) {
        case .whole: return stream(xorb, xorb.allowed, status: .ok)
        case .part(let range):
            guard xorb.allowed.lower <= range.lower, range.upper <= xorb.allowed.upper else {
                throw HubError(
                    .notPermitted,
                    "this address allows the bytes \(xorb.allowed.lower)-\(xorb.allowed.upper - 1), not \(range.lower)-\(range.upper - 1)")
            }
            var response = stream(xorb, range, status: .partialContent)
            response.headers[.contentRange] = range.contentRange(of: xorb.size)
            return response
        case .unsatisfiable:
            throw HubError(
                .rangeNotSatisfiable, "the range begins behind the end of the xorb, which has \(xorb.size) bytes", details: ["size": "\(xorb.size)"])
        }
    }

    private func stream(_ xorb: XorbRange, _ range: ByteRange, status: HTTPResponse.Status) -> Response {
        var headers = HTTPFields([HTTPField(name: .contentType, value: "application/octet-stream")])
        headers[.acceptRanges] = "bytes"
        if request.method == .head {
            var response = Response(status: status, headers: headers)
            response.headers[.contentLength] = "\(range.count)"
            return response
        }
        return Response(
            status: status, headers: headers,
            body: ResponseBody(contentLength: Int(range.count)) { writer in
                for try await block in xorb.bytes(range) { try await writer.write(block) }
                try await writer.finish(nil)
            })
    }
}
