import Core
import NIOCore

extension Exchange {
    /// Uses what the client sent.
    /// - Returns: whether there may be more to do at once.
    func take() -> Bool {
        switch phase {
        // Who does not read its answers gets no more of them.
        case .idle: return client.inbound.readableBytes > 0 && client.isWritable && begin()
        default:
            guard !isBodyDone, client.inbound.readableBytes > 0 else { return false }
            takeBody()
            return phase == .idle
        }
    }

    private func begin() -> Bool {
        do {
            let end = try client.inbound.withUnsafeReadableBytes { bytes throws(HeadFault) -> Int? in
                guard let end = try reader.read(bytes) else { return nil }
                fields = reader.takeFields()
                head = RequestHead()
                head = try RequestHead.read(bytes, reader.startLine, &fields)
                return end
            }
            guard let end, let bytes = client.inbound.readSlice(length: end) else {
                if !hasHeadBegun {
                    hasHeadBegun = true
                    client.idleSince = lane.now
                }
                return false
            }
            headBytes = bytes
        } catch {
            startedAt = lane.now
            fail(error)
            return false
        }
        startedAt = lane.now
        lastActivity = lane.now
        bytesIn = headBytes.readableBytes
        isBodyDone = false
        switch head.framing {
        case .length(let count) where count > 0: bodyLeft = count
        case .chunked: bodyChunks = ChunkReader()
        default: isBodyDone = true
        }
        closesAfter = !head.keepsAlive || lane.isStopping
        readNames()
        arrive()
        return phase == .idle || (!isBodyDone && client.inbound.readableBytes > 0)
    }

    /// The request's id, and whose key it carries.
    private func readNames() {
        let snapshot = lane.routes()
        self.snapshot = snapshot
        let made = lane.nextID()
        requestID = .made(made.0, made.1)
        account = snapshot.tenants.anonymous
        usesTenantKey = false
        withHead { bytes in
            target = Target.read(bytes, head.target)
            for field in fields {
                switch field.kind {
                case .requestID where RequestID.isAcceptable(bytes.at(field.value)): requestID = .given(field.value)
                case .authorization, .apiKey:
                    var key = bytes.at(field.value)
                    if field.kind == .authorization {
                        guard key.count > 7, Bytes(rebasing: key[0..<7]).isText("bearer ") else { continue }
                        key = Bytes(rebasing: key[7...])
                    }
                    if !usesTenantKey, let found = lane.keys.account(key, in: snapshot.tenants) {
                        account = found
                        usesTenantKey = true
                    }
                default: break
                }
            }
        }
    }

    private func arrive() {
        if head.wantsUpgrade || head.verb == .connect {
            // What follows was meant for a tunnel, not for us.
            closesAfter = true
            return refuse(
                .notImplemented, "upgrade-not-supported",
                "This gateway speaks HTTP/1.1 alone: send the request without Upgrade, and use SSE for streams.")
        }
        if head.expectsElse { return refuse(.expectationFailed, "unknown-expectation", "The only expectation known here is 100-continue.") }
        guard let snapshot else { return }
        switch target {
        case .endpoint(let name, let rest):
            path = rest
            find(withHead { snapshot.routes.find($0.at(name)) })
        case .openInference(let name):
            path = head.target
            find(withHead { snapshot.models.find($0.at(name)) })
        case .openAI:
            path = head.target
            guard head.verb == .post else { return refuse(.methodNotAllowed, "method-not-allowed", "This path takes POST.", allow: "POST") }
            lookAhead()
        case .models:
            guard head.verb == .get || head.verb == .head else {
                return refuse(.methodNotAllowed, "method-not-allowed", "This path takes GET.", allow: "GET, HEAD")
            }
            answer(.ok, "application/json", usesTenantKey ? snapshot.allModels : snapshot.openModels)
        case .health:
            answer(.ok, "application/json", Array("{\"status\":\"ok\"}".utf8))
        case .unknown:
            refuse(
                .notFound, "unknown-path",
                "Nothing is served at this path: use /v1/endpoints/NAME/…, an OpenAI path such as /v1/chat/completions, or /v2/models/NAME/infer.")
        }
    }

    private func find(_ route: EndpointRoute?) {
        guard let route else { return refuse(.notFound, "unknown-endpoint", "There is no endpoint of this name: GET /v1/models lists them.") }
        self.route = route
        if route.readsBody, !isBodyDone { return lookAhead() }
        // What is here of the body goes out with the head, in one write.
        if !isBodyDone, client.inbound.readableBytes > 0 { takeBody() }
        guard self.route === route else { return }
        admit(route)
    }

    private func lookAhead() {
        phase = .lookAhead
        scanned = 0
        scanOutcome = .more
        scanner.reset(wanted: snapshot?.fields ?? [])
        invite()
        if isBodyDone { resolve() }
    }

    /// Answers `Expect: 100-continue`: the replica never sees it.
    func invite() {
        guard head.expectsContinue, !isBodyDone, client.inbound.readableBytes == 0 else { return }
        head.expectsContinue = false
        client.writeAndFlush(ByteBuffer(staticString: "HTTP/1.1 100 Continue\r\n\r\n"))
    }
}
