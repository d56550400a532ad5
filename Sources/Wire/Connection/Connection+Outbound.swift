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
}
