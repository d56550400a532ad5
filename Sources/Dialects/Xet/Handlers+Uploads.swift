import Core
import Hub
import Hummingbird
import Wire
import XetFormat

extension XetRoutes {
    static let uploadRoutes: [(method: String, pattern: String, value: Handler)] = [
        (
            "POST", inStore("/v1/xorbs/{prefix}/{xorb}"),
            { call in
                try call.checkPrefix()
                let who = try await call.holder(.write)
                let hash = try call.hash("xorb")
                let body = try BodyReader(call.request, call.context).stream(limit: Int64(XetLimits.serialisedXorb + XetLimits.xorbFooter))
                return try .json(["was_inserted": try await call.hub.receiveXorb(hash, body, by: who)])
            }
        ),
        (
            "POST", inStore("/v1/xorb-grants/{prefix}/{xorb}"),
            { call in
                // 200 says that the xorb need not be sent; anything but 404 for "send it" ends the upload.
                try call.checkPrefix()
                let who = try await call.holder(.write)
                _ = try await BodyReader(call.request, call.context).collect(limit: 1 << 16)
                _ = try await call.xorb(for: who)
                return try .json([String: String]())
            }
        ),
        (
            "HEAD", inStore("/v1/xorbs/{prefix}/{xorb}"),
            { call in
                try call.checkPrefix()
                return .length(try await call.xorb(for: try await call.holder(.read)).serialisedSize)
            }
        ),
        ("POST", inStore("/v1/shards"), { call in try await call.register() }),
        // Where hf_xet before 1.6 sends them.
        ("POST", inStore("/shards"), { call in try await call.register() }),
        (
            "POST", inStore("/v2/shards"),
            { call in
                let who = try await call.holder(.write)
                let shard = try await call.shard(by: who)
                return ShardEvents.response(context: call.context) { [hub = call.hub] progress in
                    try await hub.register(shard, by: who, progress: progress)
                }
            }
        )
    ]
}

extension XetCall {
    fileprivate func xorb(for who: Principal) async throws -> FoundXorb {
        let hash = try hash("xorb")
        guard let found = try await hub.xorb(hash, for: who) else {
            throw HubError(.unknownBlob, "the xorb \(hash) is not here for you; send it")
        }
        return found
    }

    fileprivate func register() async throws -> Response {
        let who = try await holder(.write)
        return try .json(["result": try await hub.register(try await shard(by: who), by: who) ? 1 : 0])
    }

    fileprivate func shard(by who: Principal) async throws -> CheckedShard {
        let rules = ShardReader.Rules()
        return try await hub.checkShard(try BodyReader(request, context).stream(limit: Int64(rules.longest)), by: who)
    }
}
