import Core
import Logging
import NIOCore

extension Connection {
    /// Answers without the framework. Small answers are written here and flushed at the end of
    /// the read; larger ones go on by themselves.
    func sendLean(_ answer: LeanAnswer, _ context: ChannelHandlerContext) {
        guard var exchange else { return }
        if inputOver && held.isEmpty { exchange.keepAlive = false }
        exchange.status = answer.status
        exchange.hasHead = true
        self.exchange = exchange
        let count = exchange.isHead ? 0 : Int(min(answer.body.count, SmallBody.limit))
        var buffer = context.channel.allocator.buffer(capacity: 512 + count)
        LeanHead.write(answer, head: exchange.isHead, after: exchange.after, into: &buffer)
        switch answer.body {
        case .bytes(var bytes) where !exchange.isHead:
            buffer.writeBuffer(&bytes)
        case .source(let source, let range) where !exchange.isHead && range.count <= SmallBody.limit:
            guard SmallBody.append(source, range, to: &buffer) else { return abandon("a file is shorter than its blob", context) }
        case .source where !exchange.isHead:
            raw.write(NIOAny(IOData.byteBuffer(buffer)), promise: nil)
            flushNeeded = false
            return send(answer.body, context) { result in
                switch result {
                case .success:
                    self.exchange?.hasEnd = true
                    self.finish(context)
                case .failure(let error):
                    if error is Transfer.Failure { return self.abandon("\(error)", context) }
                    self.account(context)
                    self.closing = true
                    context.close(promise: nil)
                }
            }
        default: break
        }
        self.exchange?.bytesSent = exchange.isHead ? 0 : answer.body.count
        watch.written += Int64(buffer.readableBytes)
        flushNeeded = true
        self.exchange?.hasEnd = true
        raw.write(NIOAny(IOData.byteBuffer(buffer)), promise: nil)
        finish(context)
    }

    /// Sends a body of any kind behind a head that is already on its way.
    func send(_ body: LeanBody, _ context: ChannelHandlerContext, done: @escaping (Result<Void, any Error>) -> Void) {
        guard exchange?.isHead == false else { return done(.success(())) }
        switch body {
        case .none: done(.success(()))
        case .bytes(let buffer):
            queued(buffer.readableBytes)
            let promise = context.eventLoop.makePromise(of: Void.self)
            promise.futureResult.assumeIsolated().whenComplete(done)
            raw.writeAndFlush(NIOAny(IOData.byteBuffer(buffer)), promise: promise)
        case .source(let source, let range):
            let inFlight = rules.metrics.inFlight
            let transfer = Transfer(
                source, range, into: raw, pool: rules.pool, isAlone: { inFlight.value <= 1 }, queued: queued
            ) { result in
                self.transfer = nil
                done(result)
            }
            self.transfer = transfer
            transfer.next()
        }
    }

    private func queued(_ count: Int) {
        exchange?.bytesSent += Int64(count)
        watch.written += Int64(count)
    }

    /// Bytes that were promised are not there: the client must see a broken answer, not a padded one.
    private func abandon(_ reason: String, _ context: ChannelHandlerContext) {
        rules.logger.error("an answer was broken off", metadata: ["reason": "\(reason)", "path": "\(AccessLine.path(exchange?.uri ?? ""))"])
        exchange?.status = 500
        account(context)
        closing = true
        context.close(promise: nil)
    }
}
