import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1

/// How a connection is put together: the HTTP/1 codec, our order keeper, the framework.
struct HTTPChannel: ServerChildChannel, HTTPChannelHandler {
    typealias Value = HTTP1Channel.Value
    let responder: HTTPChannelHandler.Responder
    let rules: ConnectionRules

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            // Up to 256 KiB at a time for uploads. The size adapts per connection, and a buffer lives
            // only while it is read, so an idle connection holds none.
            try channel.syncOptions?.setOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 2048, initial: 16 << 10, maximum: 256 << 10))
            var limits = NIOHTTPDecoderLimitConfiguration()
            limits.maxHeaderFieldSize = rules.headLimit
            limits.maxHeaderListSize = rules.headLimit
            limits.maxHeaderFieldCount = 200
            let pipeline = channel.pipeline.syncOperations
            try pipeline.configureHTTPServerPipeline(
                withPipeliningAssistance: false, withErrorHandling: false, withOutboundHeaderValidation: false,
                withEncoderConfiguration: .init(), withDecoderLimitConfiguration: limits)
            let raw = try pipeline.context(handlerType: HTTPResponseEncoder.self)
            try pipeline.addHandler(Connection(rules: rules, raw: raw))
            try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: false))
            return try Value(
                wrappingChannelSynchronously: channel,
                configuration: .init(
                    // Few, because each may be as large as a receive buffer.
                    backPressureStrategy: .init(lowWatermark: 1, highWatermark: 3), isOutboundHalfClosureEnabled: true))
        }
    }

    func handle(value: Value, logger: Logger) async { await handleHTTP(asyncChannel: value, logger: logger) }
}
