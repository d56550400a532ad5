package import Core
package import Logging
package import NIOPosix

/// A reading of the steady clock: it never jumps, and stands still for nobody.
package typealias Nanoseconds = Int64

/// What the gateway must be told once, when it is made.
package struct GatewaySettings: Sendable {
    package var host: String
    /// 0: any free port.
    package var port: Int
    package var loops: MultiThreadedEventLoopGroup
    /// The key of the assignment hash; the same on every gateway and after every restart.
    package var hashKey: (UInt64, UInt64)
    /// Where the draws of requests without a key begin.
    package var seed: UInt64
    package var logger: Logger

    package var steadyClock: @Sendable () -> Nanoseconds = { SteadyClock.read() }
    /// For the day of a token quota alone.
    package var wallClock: @Sendable () -> Instant = { SteadyClock.wall() }

    /// A client may take this long to send a request's head, and to begin its next request.
    package var headTimeout: Milliseconds = 30_000
    package var keepAliveTimeout: Milliseconds = 75_000
    /// A connection to a replica that nobody used for this long is closed.
    package var poolIdleTimeout: Milliseconds = 30_000
    package var poolSize = 128
    package var connectTimeout: Milliseconds = 5_000
    package var maxConnections = 65_536
    /// Shadow requests under way at one time, over all loops.
    package var maxShadows = 64
    /// A request body up to here can be sent again to another replica.
    package var replayLimit = 1 << 20
    /// Observations of one endpoint kept until they are taken.
    package var observationLimit = 65_536

    package init(
        host: String = "127.0.0.1", port: Int = 0, loops: MultiThreadedEventLoopGroup, hashKey: (UInt64, UInt64), seed: UInt64,
        logger: Logger
    ) {
        self.host = host
        self.port = port
        self.loops = loops
        self.hashKey = hashKey
        self.seed = seed
        self.logger = logger
    }
}
