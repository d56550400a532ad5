package import Core
import NIOCore
import NIOPosix
import Synchronization

extension Gateway {
    /// Accepts connections from now on.
    /// - Returns: the port.
    package func listen() async throws -> Int {
        let lanes = self.lanes
        let byLoop = Dictionary(uniqueKeysWithValues: lanes.map { (ObjectIdentifier($0.loop), $0) })
        let settings = self.settings
        let connections: @Sendable () -> Int = { [self] in self.connections.load(ordering: .relaxed) }
        let channel = try await ServerBootstrap(group: settings.loops)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(.recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 1024, initial: 2048, maximum: 65_536))
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 32 << 10, high: 64 << 10))
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let lane = byLoop[ObjectIdentifier(channel.eventLoop)], connections() < settings.maxConnections else {
                        return channel.close(promise: nil)
                    }
                    try channel.pipeline.syncOperations.addHandler(Client(lane: lane, address: channel.remoteAddress))
                }
            }
            .bind(host: settings.host, port: settings.port).get()
        server.withLock { $0.channel = channel }
        for lane in lanes { lane.loop.execute { lane.beginSweeping() } }
        return channel.localAddress?.port ?? settings.port
    }

    /// No new connections; requests under way may end until the deadline, then they are cut.
    package func stop(deadline: Milliseconds) async {
        let (lanes, channel) = server.withLock { server in
            let found = (server.lanes, server.channel)
            server.channel = nil
            return found
        }
        // Closing fails where it is closed already, which is what is wanted.
        try? await channel?.close().get()
        let end = SteadyClock.read() + max(0, deadline) * 1_000_000
        for lane in lanes { lane.loop.execute { lane.beginStopping() } }
        while SteadyClock.read() < end, !(await isQuiet(lanes)) {
            // A cancelled caller does not wait; the connections are cut below all the same.
            guard (try? await Task.sleep(nanoseconds: 10_000_000)) != nil else { break }
        }
        for lane in lanes {
            // A loop that is shut down already has no connections.
            try? await lane.loop.submit { lane.cutAll() }.get()
        }
    }

    private func isQuiet(_ lanes: [Lane]) async -> Bool {
        for lane in lanes {
            guard let count = try? await lane.loop.submit({ lane.clients.count + lane.shadows.count }).get() else { continue }
            if count > 0 { return false }
        }
        return true
    }
}
