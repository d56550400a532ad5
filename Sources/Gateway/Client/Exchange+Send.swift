import Core
import NIOCore
import Synchronization

extension Exchange {
    /// A place at one of the side's replicas, or in the queue for one.
    func acquire(_ side: EndpointRoute.Side) {
        guard let route else { return }
        serving = side
        let backend = side.backend
        backend.lastRequest.store(lane.now, ordering: .relaxed)
        backend.inFlight.wrappingAdd(1, ordering: .relaxed)
        route.shared.inFlight.wrappingAdd(1, ordering: .relaxed)
        let cap = max(1, route.route.limits.maxInFlightPerReplica)
        if backend.waiting.load(ordering: .sequentiallyConsistent) == 0,
            let replica = side.replicas.take(cap: cap, at: lane.now, turn: lane.nextTurn())
        {
            return use(replica)
        }
        lane.lastTicket += 1
        ticket = UInt64(lane.index) << 48 | lane.lastTicket
        waitingSince = lane.now
        phase = .waiting
        let waiter = Backend.Waiter(lane: lane, exchange: self, slots: side.target.slots, cap: cap)
        switch backend.wait(waiter, ticket: ticket, limit: route.route.limits.queueSize, at: lane.now) {
        case .granted(let replica): use(replica)
        case .waits: break
        case .waitsForWake: lane.gateway.callAwake(backend.id)
        case .full:
            refuse(.serviceUnavailable, "queue-full", "All replicas are busy and the queue is full; try again later.", retryAfter: 1)
        }
    }

    /// A place was found for a request that waited; it may have left meanwhile.
    func granted(_ replica: Replica, by backend: Backend, ticket: UInt64) {
        lane.tick()
        guard phase == .waiting, self.ticket == ticket else {
            backend.free(replica, at: lane.now)
            return
        }
        queued = lane.now - waitingSince
        use(replica)
        client.resume()
    }

    func use(_ replica: Replica) {
        self.replica = replica
        if let pooled = replica.pools[lane.index].take() {
            upstream = pooled
            pooled.begin(self)
            send()
        } else {
            connect(replica)
        }
    }

    func connect(_ replica: Replica) {
        phase = .connecting
        lastActivity = lane.now
        upstream = Upstream.connect(replica, on: lane, for: self)
    }

    func upstreamReady(_ upstream: Upstream) {
        lane.tick()
        upstream.begin(self)
        send()
        client.resume()
    }

    /// Writes the head for this replica, and what has come of the body.
    private func send() {
        guard let upstream, let replica else { return }
        phase = .sent
        sentAt = lane.now
        lastActivity = lane.now
        let isSmall = replay.readableBytes <= 16 << 10
        let size =
            headBytes.readableBytes + replica.basePath.count + replica.host.count + client.address.count * 2 + 512
            + (isSmall ? replay.readableBytes : 0)
        lane.scratch.clear(minimumCapacity: size)
        lane.scratch.writeWithUnsafeMutableBytes(minimumWritableBytes: size) { memory in
            var pen = Pen(memory)
            writeHead(&pen, to: replica, isShadow: false)
            if isSmall { replay.withUnsafeReadableBytes { pen.put($0) } }
            return pen.written
        }
        if isSmall {
            upstream.writeAndFlush(lane.scratch)
        } else {
            upstream.write(lane.scratch)
            upstream.writeAndFlush(replay)
        }
        lane.trimScratch()
        // Writing may have found the connection broken, and have begun the next attempt.
        guard phase == .sent, self.upstream === upstream else { return }
        if !hasReplay { replay = ByteBuffer() }
        if isBodyDone { castShadow() }
    }

    /// The request's head as the replica gets it: what was meant for this connection alone is left
    /// out (RFC 9110 section 7.6.1), and who asks is added.
    func writeHead(_ pen: inout Pen, to replica: Replica, isShadow: Bool) {
        withHead { bytes in
            pen.put(bytes.at(head.method))
            pen.put(byte: 0x20)
            pen.put(replica.basePath)
            let path = bytes.at(path)
            if path.isEmpty || path[0] != 0x2F { pen.put(byte: 0x2F) }
            pen.put(path)
            pen.put(" HTTP/1.1\r\nHost: ")
            pen.put(replica.host)
            pen.put("\r\n")
            var forwardedFor: Extent?
            var hasProto = false
            pen.put(bytes, fields) { field in
                if field.isNamed || field.kind.isHopByHop { return true }
                switch field.kind {
                case .host, .expect, .requestID, .shadow, .forwardedHost: return true
                case .forwardedFor:
                    if !field.value.isEmpty { forwardedFor = field.value }
                    return true
                case .forwardedProto:
                    hasProto = true
                    return false
                case .authorization, .apiKey: return usesTenantKey
                // A shadow's body is whole when it is sent, and has a length then.
                case .contentLength, .transferEncoding, .trailer: return isShadow
                default: return false
                }
            }
            pen.put("X-Forwarded-For: ")
            if let forwardedFor {
                pen.put(bytes.at(forwardedFor))
                pen.put(", ")
            }
            pen.put(client.address)
            pen.put(hasProto ? "\r\n" : "\r\nX-Forwarded-Proto: http\r\n")
            if !head.host.isEmpty {
                pen.put("X-Forwarded-Host: ")
                pen.put(bytes.at(head.host))
                pen.put("\r\n")
            }
            pen.put("X-Request-Id: ")
            writeID(&pen, bytes)
            pen.put(isShadow ? "\r\nX-Shadow: true\r\n" : "\r\n\r\n")
        }
    }

    func writeID(_ pen: inout Pen, _ bytes: Bytes) {
        switch requestID {
        case .given(let extent): pen.put(bytes.at(extent))
        case .made(let first, let second):
            pen.put(hex: first)
            pen.put(hex: second)
        }
    }

    func upstreamDrained() { client.resume() }
}
