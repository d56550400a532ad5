import Core
import Logging
import NIOCore
import NIOHTTP1

extension Connection {
    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard exchange != nil, exchange?.lean == nil else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(let head) where head.status.code < 200:
            context.write(data, promise: promise)
        case .head(var head):
            frame(&head)
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body(let body):
            if exchange?.isHead == true {
                promise?.succeed()
            } else {
                exchange?.bytesSent += Int64(body.readableBytes)
                watch.written += Int64(body.readableBytes)
                context.write(data, promise: promise)
            }
        case .end:
            if exchange?.isHead == true {
                // The encoder would end a chunked body here, and HEAD has none.
                raw.write(NIOAny(IOData.byteBuffer(ByteBuffer())), promise: promise)
            } else {
                context.write(data, promise: promise)
            }
            exchange?.hasEnd = true
            if !requestOpen {
                context.flush()
                finish(context)
            } else if exchange?.keepAlive == false {
                account(context)
                closeAfterFlush(context, promise: nil, linger: true)
            }
        }
    }

    /// Says how the connection goes on, in words that the client's version of HTTP knows.
    private func frame(_ head: inout HTTPResponseHead) {
        guard var exchange else { return }
        exchange.hasHead = true
        exchange.status = Int(head.status.code)
        if quiescing || inputOver || head.headers[canonicalForm: "connection"].contains(where: { $0.lowercased() == "close" }) {
            exchange.keepAlive = false
        }
        // Refused before the body was asked for: the client may or may not send it, so the
        // connection cannot be used again (RFC 9110, section 10.1.1).
        if exchange.expectsContinue && requestOpen { exchange.keepAlive = false }
        if exchange.isOldClient, !head.headers.contains(name: "content-length") {
            // HTTP/1.0 knows no chunks: the end of the body is the end of the connection.
            head.version = .http1_0
            exchange.keepAlive = false
        }
        if !exchange.keepAlive {
            head.headers.replaceOrAdd(name: "Connection", value: "close")
        } else if exchange.isOldClient {
            head.headers.replaceOrAdd(name: "Connection", value: "keep-alive")
        }
        self.exchange = exchange
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        switch event as? ConnectionEvent {
        case .bodyWanted:
            if exchange?.expectsContinue == true, exchange?.hasHead == false {
                exchange?.expectsContinue = false
                raw.write(NIOAny(IOData.byteBuffer(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n"))), promise: nil)
                context.flush()
            }
            promise?.succeed()
        case .send(let body):
            guard exchange?.hasHead == true, !closing else {
                promise?.fail(ChannelError.ioOnClosedChannel)
                return
            }
            send(body, context) { promise?.completeWith($0) }
        case nil:
            context.triggerUserOutboundEvent(event, promise: promise)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent:
            quiescing = true
            exchange?.keepAlive = false
            held.removeAll()
            if exchange == nil { closeAfterFlush(context, promise: nil) }
        case ChannelEvent.inputClosed:
            inputOver = true
            if closing { return raw.close(promise: nil) }
            if requestOpen { breakOff(context) }
            // Forwarded at the end of the connection instead: the framework would take it for the
            // end while requests still wait here.
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
        let flushed = context.eventLoop.makePromise(of: Void.self)
        let raw = raw
        flushed.futureResult.assumeIsolated().whenComplete { result in
            guard linger, case .success = result else { return raw.close(promise: nil) }
            raw.close(mode: .output, promise: nil)
            raw.eventLoop.assumeIsolated().scheduleTask(in: .seconds(2)) { raw.close(promise: nil) }
            context.read()
        }
        raw.writeAndFlush(NIOAny(IOData.byteBuffer(ByteBuffer())), promise: flushed)
    }
}
