import Core
import HTTPTypes
import Hub
import Hummingbird
import NIOCore
import Wire

extension XetRoutes {
    static let queryRoutes: [(method: String, pattern: String, value: Handler)] = [
        (
            "GET", inStore("/v1/chunks/{prefix}/{chunk}"),
            { call in
                try call.checkPrefix()
                let who = try await call.holder(.read)
                let hash = try call.hash("chunk")
                guard let shard = try await call.hub.shard(ofChunk: hash, for: who) else {
                    throw HubError(.unknownBlob, "no xorb that you may refer to is known for the chunk \(hash)")
                }
                return Response(
                    status: .ok, headers: HTTPFields([HTTPField(name: .contentType, value: "application/octet-stream")]),
                    body: ResponseBody(byteBuffer: ByteBuffer(bytes: shard)))
            }
        ),
        (
            "POST", telemetryPath,
            { call in
                _ = try await BodyReader(call.request, call.context).collect(limit: 1 << 20)
                return try .json([String: String]())
            }
        )
    ]
}
