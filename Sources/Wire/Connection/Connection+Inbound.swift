import NIOCore
import NIOHTTP1

extension Connection {
    /// Bytes of a body nobody wants that are read past to keep the connection: 64 MiB.
    private static let pastBodyLimit = 64 << 20

    /// Whether what comes in has to wait for an answer on its way out.
    private func mustHold(_ context: ChannelHandlerContext) -> Bool {
        exchange == nil ? !context.channel.isWritable : !requestOpen
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if closing { return }
        let part = unwrapInboundIn(data)
        if !held.isEmpty || mustHold(context) {
            held.append(part)
        } else {
            take(part, context)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        watch.readWanted = false
        settle(context)
    }

    /// After a run of parts: one flush for all lean answers, one notice for the framework.
    func settle(_ context: ChannelHandlerContext) {
        if flushNeeded {
            flushNeeded = false
            context.flush()
        }
        if passed {
            passed = false
            context.fireChannelReadComplete()
        }
    }

    private func take(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        watch.lastPart = .now()
        switch part {
        case .head(let head):
            requestOpen = true
            pastBody = 0
            open(head, context)
            if exchange?.lean == nil { pass(part, context) }
        case .body(let buffer):
            rules.metrics.bytesReceived.add(Int64(buffer.readableBytes))
            exchange?.expectsContinue = false
            if exchange?.isReceiving == false {
                exchange?.isReceiving = true
                rules.metrics.uploadsInFlight.add()
            }
            // The body of a lean read means nothing, nor what follows a refusal: it is read past.
            if exchange?.lean != nil || exchange?.hasEnd == true {
                pastBody += buffer.readableBytes
                if pastBody > Self.pastBodyLimit { breakOff(context) }
            }
            if exchange?.lean == nil, requestOpen { pass(part, context) }
        case .end:
            requestOpen = false
            if exchange?.isReceiving == true {
                exchange?.isReceiving = false
                rules.metrics.uploadsInFlight.add(-1)
                rules.metrics.uploads.add()
            }
            if let answer = exchange?.lean { return sendLean(answer, context) }
            pass(part, context)
            if exchange?.hasEnd == true { finish(context) }
        }
    }

    private func pass(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        passed = true
        context.fireChannelRead(wrapInboundOut(part))
    }

    private func open(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        rules.metrics.inFlight.add()
        var exchange = Exchange(head, surface: rules.surface(head.uri), now: watch.lastPart)
        if quiescing { exchange.keepAlive = false }
        if head.method == .GET || head.method == .HEAD {
            let request = LeanRequest(
                method: head.method == .GET ? .get : .head, uri: head.uri, headers: head.headers, receivedAt: exchange.began)
            for reader in rules.readers {
                guard let answer = reader.answer(request) else { continue }
                exchange.lean = answer
                exchange.user = answer.user
                if let surface = answer.surface { exchange.surface = surface }
                break
            }
        }
        self.exchange = exchange
    }

    /// The answer is out and the request is in: on to the next one, or good-bye.
    func finish(_ context: ChannelHandlerContext) {
        let goOn = exchange?.keepAlive == true && !quiescing && !inputOver
        account(context)
        // What was pipelined before a shutdown or a half-close is still answered in the latter case.
        if goOn || (inputOver && !quiescing && !held.isEmpty) {
            release(context)
        } else {
            closeAfterFlush(context, promise: nil)
        }
    }

    /// Lets in what waited, as far as answers allow. A loop, because one read may hold
    /// thousands of pipelined requests.
    func release(_ context: ChannelHandlerContext) {
        if releasing || closing || (held.isEmpty && !readHeld && heldFailure == nil && !inputOver) { return }
        releasing = true
        while !closing, !mustHold(context), !held.isEmpty { take(held.removeFirst(), context) }
        releasing = false
        if closing { return }
        if mustHold(context) {
            settle(context)
            return
        }
        if let failure = heldFailure {
            heldFailure = nil
            settle(context)
            return refuse(failure, context)
        }
        settle(context)
        if inputOver, exchange == nil { return closeAfterFlush(context, promise: nil) }
        if readHeld {
            readHeld = false
            context.read()
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { release(context) }
        context.fireChannelWritabilityChanged()
    }

    func read(context: ChannelHandlerContext) {
        if !closing, !held.isEmpty || mustHold(context) {
            readHeld = true
        } else {
            watch.readWanted = true
            context.read()
        }
    }
}
