import Core
import NIOCore

extension Exchange {
    func interim(_ head: ResponseHead, in upstream: Upstream) {
        // HTTP/1.0 knows no interim answers (RFC 9110 section 15.2).
        guard !self.head.isOldVersion else { return }
        var out = ByteBuffer()
        out.writeWithUnsafeMutableBytes(minimumWritableBytes: upstream.headBytes.readableBytes + 16) { memory in
            var pen = Pen(memory)
            upstream.headBytes.withUnsafeReadableBytes { bytes in
                pen.put("HTTP/1.1 ")
                pen.put(bytes.at(head.statusText))
                pen.put("\r\n")
                pen.put(bytes, upstream.fields) { $0.isNamed || $0.kind.isHopByHop || $0.kind == .transferEncoding || $0.kind == .contentLength }
                pen.put("\r\n")
            }
            return pen.written
        }
        client.writeAndFlush(out)
    }

    func answered(_ answer: ResponseHead, by upstream: Upstream) {
        answeredAt = lane.now
        lastActivity = lane.now
        status = answer.status
        framing = answer.framing
        let isGatewayError = (502...504).contains(answer.status)
        if let replica, let serving {
            if isGatewayError {
                chargeFailure(RequestOutcome(status: answer.status), replica, serving)
                if retry(because: .status) { return }
            } else {
                replica.succeeded(at: lane.now)
            }
        }
        phase = .answering
        if !isBodyDone {
            // Whatever still comes of the request's body, the next request is not looked for behind it.
            closesAfter = true
        }
        passing = .asItIs
        switch answer.framing {
        case .chunked where head.isOldVersion:
            passing = .withoutChunks
            closesAfter = true
        case .untilClose:
            if head.isOldVersion { closesAfter = true } else { passing = .withChunks }
        default: break
        }
        if lane.isStopping { closesAfter = true }
        writeAnswerHead(answer, upstream)
        if !wantsShadow { dropReplay() }
    }

    private func dropReplay() {
        hasReplay = false
        replay = ByteBuffer()
    }

    private func writeAnswerHead(_ answer: ResponseHead, _ upstream: Upstream) {
        guard let serving else { return }
        let size = upstream.headBytes.readableBytes + serving.answerFields.count + 512
        lane.answerScratch.clear(minimumCapacity: size)
        lane.answerScratch.writeWithUnsafeMutableBytes(minimumWritableBytes: size) { memory in
            var pen = Pen(memory)
            upstream.headBytes.withUnsafeReadableBytes { bytes in
                pen.put("HTTP/1.1 ")
                pen.put(bytes.at(answer.statusText))
                pen.put(answer.statusText.count == 3 ? " \r\n" : "\r\n")
                isEventStream = false
                pen.put(bytes, upstream.fields) { field in
                    if field.isNamed || field.kind.isHopByHop { return true }
                    switch field.kind {
                    case .endpoint, .modelVersion, .modelDigest, .variant, .routeGeneration, .requestID: return true
                    case .contentLength: return answer.status == 204
                    case .transferEncoding: return head.isOldVersion || answer.status == 204
                    case .trailer: return passing == .withoutChunks
                    case .contentType:
                        let type = bytes.at(field.value)
                        isEventStream = type.count >= 17 && Bytes(rebasing: type[0..<17]).isText("text/event-stream")
                        return false
                    default: return false
                    }
                }
            }
            pen.put(serving.answerFields)
            pen.put("X-Request-Id: ")
            withHead { writeID(&pen, $0) }
            pen.put("\r\nServer-Timing: gateway;dur=")
            pen.put(milliseconds: max(0, sentAt - startedAt - queued))
            pen.put(", upstream;dur=")
            pen.put(milliseconds: answeredAt - sentAt)
            pen.put(passing == .withChunks ? "\r\nTransfer-Encoding: chunked\r\n" : "\r\n")
            if closesAfter {
                pen.put("Connection: close\r\n\r\n")
            } else {
                pen.put(head.isOldVersion ? "Connection: keep-alive\r\n\r\n" : "\r\n")
            }
            return pen.written
        }
        hasPendingHead = true
    }

    func measure(_ payload: Bytes) {
        let now = lane.now
        if firstBodyAt == 0 {
            firstBodyAt = now
        } else {
            longestGap = max(longestGap, now - lastBodyAt)
        }
        lastBodyAt = now
        if route?.route.wire == .openai { usage.scan(payload) }
        if isEventStream { events.scan(payload) }
        shadow?.primaryBody(payload)
    }

    func body(_ slice: ByteBuffer) {
        lastActivity = lane.now
        bytesOut += slice.readableBytes
        if passing == .withChunks { return bodyAsChunk(slice) }
        if hasPendingHead {
            if slice.readableBytes <= 16 << 10 {
                slice.withUnsafeReadableBytes { _ = lane.answerScratch.writeBytes($0) }
                return
            }
            writePendingHead()
        }
        client.write(slice)
        hasUnflushedAnswer = true
    }

    private func bodyAsChunk(_ slice: ByteBuffer) {
        writePendingHead()
        client.write(ByteBuffer(string: String(slice.readableBytes, radix: 16) + "\r\n"))
        client.write(slice)
        client.write(ByteBuffer(staticString: "\r\n"))
        hasUnflushedAnswer = true
    }

    private func writePendingHead() {
        guard hasPendingHead else { return }
        hasPendingHead = false
        client.write(lane.answerScratch)
        hasUnflushedAnswer = true
    }

    /// One flush for all that came at once.
    func flushAnswer() {
        if hasPendingHead {
            hasPendingHead = false
            hasUnflushedAnswer = false
            client.writeAndFlush(lane.answerScratch)
        } else if hasUnflushedAnswer {
            hasUnflushedAnswer = false
            client.flush()
        }
    }

    func handedOver() -> Bool {
        flushAnswer()
        return client.isWritable
    }

    func clientDrained() {
        guard phase == .answering else { return client.proceed() }
        lastActivity = lane.now
        upstream?.resume()
    }

    func answerEnded(by upstream: Upstream, isReusable: Bool) {
        if passing == .withChunks {
            writePendingHead()
            client.write(ByteBuffer(staticString: "0\r\n\r\n"))
            hasUnflushedAnswer = true
        }
        flushAnswer()
        // Writing may have found the client gone; then all is done.
        guard phase == .answering else { return upstream.close() }
        // An upstream that still waits for the rest of a request cannot take another.
        if isReusable, isBodyDone { upstream.release() } else { upstream.close() }
        self.upstream = nil
        finish()
    }
}
