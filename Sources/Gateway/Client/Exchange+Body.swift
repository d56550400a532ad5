import NIOCore

extension Exchange {
    static let lookAheadLimit = 64 << 10

    /// Takes the next part of the request's body from what the client sent.
    func takeBody() {
        lastActivity = lane.now
        let slice: ByteBuffer?
        switch head.framing {
        case .length:
            slice = client.inbound.readSlice(length: min(bodyLeft, client.inbound.readableBytes))
            bodyLeft -= slice?.readableBytes ?? 0
            isBodyDone = bodyLeft == 0
            if phase == .lookAhead { slice?.withUnsafeReadableBytes { scan($0) } }
        case .chunked:
            guard let consumed = walkChunks() else { return }
            slice = consumed > 0 ? client.inbound.readSlice(length: consumed) : nil
            isBodyDone = bodyChunks.isDone
        case .none, .untilClose:
            slice = nil
        }
        if let slice { keep(slice) }
        if phase == .lookAhead { return lookedAhead() }
        if isBodyDone, phase == .sent { sentAt = lane.now }
        if isBodyDone, phase == .sent || phase == .answering { castShadow() }
    }

    /// - Returns: how many bytes are well formed and complete; nil where the request was refused.
    private func walkChunks() -> Int? {
        var consumed = 0
        do {
            try client.inbound.withUnsafeReadableBytes { bytes throws(HeadFault) in
                while true {
                    switch try bodyChunks.next(bytes, from: consumed) {
                    case .payload(let extent):
                        if phase == .lookAhead { scan(bytes.at(extent)) }
                        consumed = extent.end
                    case .frame(let extent): consumed = extent.end
                    case .end, .more: return
                    }
                }
            }
            return consumed
        } catch {
            closesAfter = true
            fail(error)
            return nil
        }
    }

    private func keep(_ slice: ByteBuffer) {
        bytesIn += slice.readableBytes
        if hasReplay {
            if replay.readableBytes + slice.readableBytes > lane.settings.replayLimit {
                // Too large to be sent twice; what was kept has been sent, or will be now.
                hasReplay = false
                if phase == .sent || phase == .answering { replay = ByteBuffer() } else { append(slice) }
            } else {
                append(slice)
            }
        } else if phase != .sent, phase != .answering {
            append(slice)
        }
        if phase == .sent || phase == .answering, let upstream {
            upstream.write(slice)
            hasUnflushedBody = true
        }
    }

    private func append(_ slice: ByteBuffer) {
        if replay.readableBytes == 0 { replay = slice } else { replay.writeImmutableBuffer(slice) }
    }

    func flushBody() {
        guard hasUnflushedBody else { return }
        hasUnflushedBody = false
        upstream?.flush()
    }

    private func scan(_ payload: Bytes) {
        guard scanOutcome == .more else { return }
        let room = Self.lookAheadLimit - scanned
        scanned += payload.count
        scanOutcome = scanner.scan(payload.count <= room ? payload : Bytes(rebasing: payload[0..<max(0, room)]))
    }

    private func lookedAhead() {
        let isOver = isBodyDone || scanOutcome != .more || scanned >= Self.lookAheadLimit
        if isOver { return resolve() }
        // What this route asks for may be there already.
        let found = target == .openAI ? scanner.bytes(0).flatMap { find(model: $0) } : route
        if let found, found.bodyFields.allSatisfy({ scanner.values[$0] != .absent }) { resolve() }
    }

    private func find(model: ArraySlice<UInt8>) -> EndpointRoute? { model.withUnsafeBytes { snapshot?.models.find($0) } }

    /// What was looked for is found, or will not be.
    func resolve() {
        if target == .openAI {
            guard let name = scanner.bytes(0) else {
                let isFar = scanOutcome == .more && scanned >= Self.lookAheadLimit
                return refuse(
                    .badRequest, isFar ? "model-too-far" : "model-missing",
                    isFar
                        ? "The field \"model\" was not found in the first 64 KiB of the body: put it first."
                        : "The body must be a JSON object with a text field \"model\" at its top that names an endpoint.")
            }
            guard let found = find(model: name) else {
                let shown = String(decoding: name.prefix(80), as: UTF8.self)
                return refuse(.notFound, "model_not_found", "There is no model '\(shown)' here: GET /v1/models lists what there is.")
            }
            route = found
        }
        guard let route else { return }
        admit(route)
    }
}
