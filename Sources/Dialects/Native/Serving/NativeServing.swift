package import Core
package import Release

/// What runs on this machine, asked of whoever runs it. Without them, nothing does.
package struct NativeServing: Sendable {
    package var replicas: @Sendable () async -> [ReplicaFacts]
    /// The last bytes that a replica wrote, at most so many; nil where there is no such replica.
    package var log: @Sendable (BackendID, _ slot: Int, _ bytes: Int) async -> [UInt8]?
    package var traffic: TrafficCapabilities
    /// The server is going down: answers that would go on for long end now.
    package var isStopping: @Sendable () -> Bool

    package init(
        replicas: @escaping @Sendable () async -> [ReplicaFacts] = { [] },
        log: @escaping @Sendable (BackendID, _ slot: Int, _ bytes: Int) async -> [UInt8]? = { _, _, _ in nil },
        traffic: TrafficCapabilities = .embedded, isStopping: @escaping @Sendable () -> Bool = { false }
    ) {
        self.replicas = replicas
        self.log = log
        self.traffic = traffic
        self.isStopping = isStopping
    }

    /// Where nothing is served.
    package init(isStopping: @escaping @Sendable () -> Bool) {
        self.init(replicas: { [] }, isStopping: isStopping)
    }
}
