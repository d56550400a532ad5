import Core
import NIOCore
import NIOPosix

extension Upstream {
    /// Begins a connection; the caller hears whether it came to be.
    static func connect(_ replica: Replica, on lane: Lane, for caller: any Caller) -> Upstream {
        let upstream = Upstream(lane: lane, replica: replica, caller: caller)
        ClientBootstrap(group: lane.loop)
            .connectTimeout(.milliseconds(lane.settings.connectTimeout))
            .channelOption(.autoRead, value: false)
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelOption(.recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 1024, initial: 2048, maximum: 65_536))
            .channelOption(.writeBufferWaterMark, value: .init(low: 32 << 10, high: 64 << 10))
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(upstream) }
            }
            .connect(host: replica.address.host, port: replica.address.port)
            .whenFailure { _ in
                guard let caller = upstream.caller else { return }
                upstream.caller = nil
                caller.upstreamRefused(upstream)
            }
        return upstream
    }
}
