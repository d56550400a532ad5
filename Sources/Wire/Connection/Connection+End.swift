import Logging
import NIOCore
import NIOHTTP1

/// How a connection ends.
extension Connection {
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent:
            quiescing = true
            exchange?.keepAlive = false
            held.removeAll()
            if exchange == nil { closeAfterFlush(context, promise: nil) }
        case ChannelEvent.inputClosed:
            inputOver = true
            peerClosed = true
            if closing {
                // While answers are on their way out, the end of the flush closes.
                if flushed { raw.close(promise: nil) }
                return
            }
            if requestOpen { breakOff(context) }
            // Not forwarded: the framework would take it for the end while requests wait here.
            if exchange == nil, held.isEmpty { closeAfterFlush(context, promise: nil) }
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    /// The framework closes when it thinks it is done; bytes on their way out come first.
    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if mode == .input { return context.close(mode: mode, promise: promise) }
        if closing {
            if let promise { context.channel.closeFuture.cascade(to: promise) }
            return
        }
        closeAfterFlush(context, promise: promise, linger: requestOpen)
    }

    /// Closes once the socket has taken everything. With `linger` the peer, who may still be
    /// sending, gets two seconds to read our answer: closing at once would reset the connection
    /// and could destroy the answer on its way.
    func closeAfterFlush(_ context: ChannelHandlerContext, promise: EventLoopPromise<Void>?, linger: Bool = false) {
        if closing { return }
        closing = true
        held.removeAll()
        if let promise { context.channel.closeFuture.cascade(to: promise) }
        let flush = context.eventLoop.makePromise(of: Void.self)
        let raw = raw
        flush.futureResult.assumeIsolated().whenComplete { result in
            self.flushed = true
            guard linger, !self.peerClosed, case .success = result else { return raw.close(promise: nil) }
            raw.close(mode: .output, promise: nil)
            raw.eventLoop.assumeIsolated().scheduleTask(in: .seconds(2)) { raw.close(promise: nil) }
            context.read()
        }
        raw.writeAndFlush(NIOAny(IOData.byteBuffer(ByteBuffer())), promise: flush)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        inputOver = true
        if closing { return }
        if exchange == nil, held.isEmpty {
            refuse(error, context)
        } else if requestOpen {
            breakOff(context)
        } else {
            heldFailure = error
        }
    }

    /// Says 400 to what is not HTTP, then closes.
    func refuse(_ error: any Error, _ context: ChannelHandlerContext) {
        guard let parsing = error as? HTTPParserError, parsing != .invalidEOFState else { return closeAfterFlush(context, promise: nil) }
        rules.logger.debug("a request could not be read", metadata: ["error": "\(parsing)"])
        var buffer = context.channel.allocator.buffer(capacity: 128)
        let status = parsing == .headerOverflow ? "431 Request Header Fields Too Large" : "400 Bad Request"
        buffer.writeString("HTTP/1.1 \(status)\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        raw.write(NIOAny(IOData.byteBuffer(buffer)), promise: nil)
        closeAfterFlush(context, promise: nil, linger: true)
    }

    /// The request in the house will never be whole.
    func breakOff(_ context: ChannelHandlerContext) {
        requestOpen = false
        exchange?.keepAlive = false
        if exchange?.lean != nil || exchange?.hasEnd == true {
            account(context)
            closeAfterFlush(context, promise: nil)
        } else {
            settle(context)
            context.fireErrorCaught(BodyTruncated())
        }
    }
}
