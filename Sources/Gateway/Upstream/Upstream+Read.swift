import NIOCore

extension Upstream {
    /// Takes apart what came. Callbacks may close the connection or give it a new caller, so each
    /// of them is the last thing a step does before it looks again.
    func read() {
        while state != .idle, let caller {
            switch state {
            case .idle: return
            case .head:
                guard readHead(caller) else { return }
            case .body:
                guard readBody(caller) else { return }
            }
        }
    }

    /// - Returns: whether to go on.
    private func readHead(_ caller: any Caller) -> Bool {
        let end: Int
        do {
            var next = ResponseHead()
            let found = try inbound.withUnsafeReadableBytes { bytes throws(HeadFault) -> Int? in
                guard let end = try reader.read(bytes) else { return nil }
                fields = reader.takeFields()
                next = try ResponseHead.read(bytes, reader.startLine, &fields, isHead: caller.isHeadRequest)
                return end
            }
            guard let found else { return false }
            end = found
            head = next
        } catch {
            broke(.malformed(error))
            return false
        }
        guard let bytes = inbound.readSlice(length: end) else { return false }
        headBytes = bytes
        if head.status < 200 {
            // Nobody asked to switch protocols.
            guard head.status != 101 else {
                broke(.malformed(.badStartLine))
                return false
            }
            if head.status != 100 { caller.interim(head, in: self) }
            reader.giveBack(&fields)
            return true
        }
        state = .body
        switch head.framing {
        case .length(let count): left = count
        case .chunked: chunks = ChunkReader()
        case .none: left = 0
        case .untilClose: break
        }
        caller.answered(head, by: self)
        reader.giveBack(&fields)
        headBytes = ByteBuffer()
        return true
    }

    private func readBody(_ caller: any Caller) -> Bool {
        switch head.framing {
        case .none:
            end(caller)
            return false
        case .length:
            let count = min(left, inbound.readableBytes)
            if count > 0, let slice = inbound.readSlice(length: count) {
                left -= count
                slice.withUnsafeReadableBytes { caller.measure($0) }
                caller.body(slice)
            }
            guard left == 0, self.caller === caller else { return false }
            end(caller)
            return false
        case .untilClose:
            guard inbound.readableBytes > 0, let slice = inbound.readSlice(length: inbound.readableBytes) else { return false }
            slice.withUnsafeReadableBytes { caller.measure($0) }
            caller.body(slice)
            return false
        case .chunked:
            return readChunks(caller)
        }
    }

    private func readChunks(_ caller: any Caller) -> Bool {
        let wantsPayload = caller.wantsPayload
        var payloads: [Extent] = []
        var consumed = 0
        do {
            try inbound.withUnsafeReadableBytes { bytes throws(HeadFault) in
                while true {
                    switch try chunks.next(bytes, from: consumed) {
                    case .payload(let extent):
                        caller.measure(bytes.at(extent))
                        if wantsPayload { payloads.append(extent) }
                        consumed = extent.end
                    case .frame(let extent):
                        consumed = extent.end
                    case .end, .more:
                        return
                    }
                }
            }
        } catch {
            broke(.malformed(error))
            return false
        }
        if consumed > 0, let slice = inbound.readSlice(length: consumed) {
            if wantsPayload {
                for extent in payloads {
                    if let part = slice.getSlice(at: slice.readerIndex + extent.start, length: extent.count) { caller.body(part) }
                }
            } else {
                caller.body(slice)
            }
        }
        guard chunks.isDone, self.caller === caller else { return false }
        end(caller)
        return false
    }

    private func end(_ caller: any Caller) {
        // More than the answer: whose would the rest be?
        let isReusable = head.keepsAlive && inbound.readableBytes == 0 && context != nil
        state = .idle
        inbound = ByteBuffer()
        reader.reset()
        self.caller = nil
        caller.answerEnded(by: self, isReusable: isReusable)
    }
}
