import Core
import NIOCore
import Synchronization

extension Exchange {
    /// The request is whole and on its way: its copy may go to the shadow, unless that would cost
    /// anybody anything.
    func castShadow() {
        guard wantsShadow, shadow == nil, let route, let rule = route.shadow else { return }
        wantsShadow = false
        guard hasReplay, replay.readableBytes <= rule.rule.bodyLimit, let body = wholeBody() else { return lane.countShadow(route, .skippedBody) }
        let isBusy = serving.map { $0.backend.waiting.load(ordering: .relaxed) > 0 } ?? true
        let isFull = lane.gateway.shadowsUnderWay.load(ordering: .relaxed) >= lane.settings.maxShadows
        // Half of the shadow's places at most: what it serves for real comes first.
        let cap = max(1, route.route.limits.maxInFlightPerReplica / 2)
        guard !isBusy, !isFull, rule.backend.waiting.load(ordering: .relaxed) == 0,
            let replica = rule.replicas.take(cap: cap, at: lane.now, turn: lane.nextTurn())
        else { return lane.countShadow(route, .skippedLoad) }
        let size = headBytes.readableBytes + replica.basePath.count + replica.host.count + client.address.count * 2 + 512 + body.readableBytes
        var request = ByteBuffer()
        request.writeWithUnsafeMutableBytes(minimumWritableBytes: size) { memory in
            var pen = Pen(memory)
            writeHead(&pen, to: replica, isShadow: true)
            if head.framing != .none {
                pen.put("Content-Length: ")
                pen.put(decimal: body.readableBytes)
                pen.put("\r\n")
            }
            pen.put("\r\n")
            body.withUnsafeReadableBytes { pen.put($0) }
            return pen.written
        }
        let call = ShadowCall(lane, route, rule.backend, replica, request, isHead: isHeadRequest)
        shadow = call
        call.begin()
    }

    /// The body without its chunks.
    private func wholeBody() -> ByteBuffer? {
        guard head.framing == .chunked else { return replay }
        var body = ByteBuffer()
        var chunks = ChunkReader()
        var at = 0
        return replay.withUnsafeReadableBytes { bytes in
            while true {
                // The same bytes were read before, so a fault cannot come up here.
                guard let step = try? chunks.next(bytes, from: at) else { return nil }
                switch step {
                case .payload(let extent):
                    body.writeBytes(bytes.at(extent))
                    at = extent.end
                case .frame(let extent): at = extent.end
                case .end: return body
                case .more: return nil
                }
            }
        }
    }
}

extension Lane {
    func countShadow(_ route: EndpointRoute, _ result: ShadowResult) {
        let series = route.shadowSeries
        meter.withLock { $0.shadows[series, default: [UInt64](repeating: 0, count: ShadowResult.allCases.count)][result.rawValue] += 1 }
    }
}
