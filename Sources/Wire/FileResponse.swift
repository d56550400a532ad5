import Core
import HTTPTypes
package import Hummingbird
import NIOCore

extension LeanAnswer {
    /// The same answer on the framework's road, for reads that had to wait for something first.
    /// The bytes still go by sendfile, past the framework.
    package func response(_ context: WireContext) -> Response {
        var fields = HTTPFields()
        for (name, value) in headers {
            if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
        }
        if fields[.contentLength] == nil, status != 304, status != 204 { fields[.contentLength] = String(body.count) }
        var response = Response(status: .init(code: status), headers: fields)
        // Set afterwards: the framework would put the length of the body it sees, which is none
        // for HEAD, over the one in the fields.
        switch body {
        case .none: break
        case .bytes(let buffer): response.body = ResponseBody(byteBuffer: buffer)
        case .source:
            let body = body
            let channel = context.channel
            response.body = ResponseBody(contentLength: Int(body.count)) { writer in
                try await channel.triggerUserOutboundEvent(ConnectionEvent.send(body)).get()
                try await writer.finish(nil)
            }
        }
        if let length = fields[.contentLength] { response.headers[.contentLength] = length }
        return response
    }
}
